"""Between trial data and the standards in which real trials live: CDISC, REDCap, FHIR, plain tables."""
