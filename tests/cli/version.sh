# The program's name and version, alone on one line.
$ERPSYNC --version | sed 's/[0-9]*\.[0-9]*\.[0-9]*$/X.Y.Z/'
$ERPSYNC -V | sed 's/[0-9]*\.[0-9]*\.[0-9]*$/X.Y.Z/'
