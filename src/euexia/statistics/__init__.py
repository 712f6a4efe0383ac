"""Statistical methods on arrays, a stack of data sets at once; they know no trial, protocol or endpoint."""
