"""Tag profiles: what a library writes on its tags, and how."""
