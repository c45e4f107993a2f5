"""FEIG OBID ISO-Host readers (CPR.M02/.02/.04, MR/PR101), standard frames."""
