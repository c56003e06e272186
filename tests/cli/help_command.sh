# A command's options come from its own table.
$ERPSYNC help rollback
$ERPSYNC recover --help
$ERPSYNC verify --help
