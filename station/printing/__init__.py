"""Print labels and slips: ZPL and PDF, to a directory, a CUPS queue or a device file.

`content` defines the text of a label, `layout` its positions; `pdf` and `zpl` draw it, `outputs` sends it to the
printer.
"""
