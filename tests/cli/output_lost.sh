# What could not be written is not a success.
$ERPSYNC --help >/dev/full
