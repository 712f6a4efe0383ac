"""Real patients: tables read and checked, definitions, matching trials, the next dose."""
