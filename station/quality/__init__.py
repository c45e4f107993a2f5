"""Quality rules as data, machine checks, checklists and verdicts. Pure: facts in, findings out."""
