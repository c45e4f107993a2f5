"""The contract of a reader: one specification for every driver, on an emulator, on a recording, on a real device.

`reading` and `writing` hold the cases, `suite` runs them over a `subject.Subject`. What hands have to do (lay a tag, take it
away, pull the plug) is asked of `hands.Hands`: a person, an emulator's control socket, or the answers of a recorded run. Before
the first case that writes the whole tag is saved (`scratch`), and it is put back after the last one, whatever happened.
Nothing here can lock: `Subject` has no such operation.
"""
