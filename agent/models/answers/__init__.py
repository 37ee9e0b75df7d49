"""What came back from an endpoint: read in any usual form, told apart, thoughts split off."""
