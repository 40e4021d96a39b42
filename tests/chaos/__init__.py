"""Everything that can die dies, at random and repeatably; at the end Upsales must hold what was sent, once."""
