"""Release a truck: may each listed item leave the bench?"""
