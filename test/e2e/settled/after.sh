cat other
