"""The contract of a reader: one specification for every driver, run on an emulator, a recording or a real device.

`reading` and `writing` hold the cases; `suite` runs them on a `subject.Subject`. Physical actions (lay a tag, remove
it, pull the plug) are requested from `hands.Hands`: a person, an emulator's control socket, or the answers of a
recorded run. The whole tag is saved before the first case that writes (`scratch`). It is restored after the last case,
even if a case failed. Nothing here can lock a tag: `Subject` has no such operation.
"""
