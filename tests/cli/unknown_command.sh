# A name that is none, shown so that it cannot play with the terminal.
$ERPSYNC "$(printf 'frob\033[2J')"
