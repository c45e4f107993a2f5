"""Print labels and slips: ZPL and PDF, to a directory, a CUPS queue or a device file.

`content` says what stands on a label, `layout` where, `pdf` and `zpl` draw it, `outputs` takes it to the printer.
"""
