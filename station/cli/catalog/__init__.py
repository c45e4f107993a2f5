"""Commands on records: catalog, callnumber, cataloging, orders."""
