$ERPSYNC help frob
