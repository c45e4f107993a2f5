"""Hold a mapping against the imports: layers of the top, circles between siblings. graph.py CHECKOUT (not yet moved)"""
import sys,grimp,collections,os
sys.path.insert(0,sys.argv[1]); os.chdir(sys.argv[1])
from pathlib import Path
HERE=Path(__file__).parent
import importlib.util
spec=importlib.util.spec_from_file_location('move',HERE/'move.py'); move=importlib.util.module_from_spec(spec); sys.modules['move']=move; spec.loader.exec_module(move)
moves=move.Moves.read(HERE/'moves.txt')
g=grimp.build_graph('station',exclude_type_checking_imports=True,cache_dir=None)
new=lambda m: moves.modules.get(m,m)
edges=collections.defaultdict(set)
for m in g.modules:
    for n in g.find_modules_directly_imported_by(m):
        edges[new(m)].add(new(n))
LAYERS=["cli","demo","runtime","fleet | reports","bench | tui | web | drivers | store | sync | records | printing | manual","quality | acquisitions","catalog | encoding","domain","base"]
rank={}
for i,l in enumerate(LAYERS):
    for r in l.split(' | '): rank[r]=i
print('== layers')
for m in sorted(edges):
    for n in sorted(edges[m]):
        a,b=(m.split('.')+['?'])[1],(n.split('.')+['?'])[1]
        if a==b or 'emulators' in (a,b) or m.startswith('scripts') : continue
        if a in('?','__main__') or b=='?': continue
        ra,rb=rank.get(a),rank.get(b)
        if ra is None or rb is None or rb<=ra: print(f'  {m} -> {n}')
print('== circles')
pk=set()
for m in edges:
    p=m.split('.')
    for i in range(1,len(p)): pk.add('.'.join(p[:i]))
for p in sorted(pk):
    if not p.startswith('station'): continue
    sq=collections.defaultdict(lambda: collections.defaultdict(list))
    for m in edges:
        for n in edges[m]:
            if m.startswith(p+'.') and n.startswith(p+'.'):
                a=m[len(p)+1:].split('.')[0]; b=n[len(p)+1:].split('.')[0]
                if a!=b: sq[a][b].append((m,n))
    # SCC
    import itertools
    idx={};low={};st=[];on=set();out=[];c=itertools.count()
    sys.setrecursionlimit(10000)
    def go(v):
        idx[v]=low[v]=next(c);st.append(v);on.add(v)
        for w in list(sq[v]):
            if w not in idx: go(w);low[v]=min(low[v],low[w])
            elif w in on: low[v]=min(low[v],idx[w])
        if low[v]==idx[v]:
            s=[]
            while True:
                w=st.pop();on.discard(w);s.append(w)
                if w==v:break
            if len(s)>1: out.append(s)
    for v in list(sq):
        if v not in idx: go(v)
    for s in out:
        print(f'  {p}: {sorted(s)}')
        for a in s:
            for b in s:
                if sq[a].get(b): print(f'      {a} -> {b} ({len(sq[a][b])}): '+'; '.join(f'{x[len(p)+1:]}>{y[len(p)+1:]}' for x,y in sq[a][b][:6]))
