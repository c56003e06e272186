# The list of commands, by every way to ask for it; and without asking.
$ERPSYNC --help
$ERPSYNC -h | cmp - "$SCENARIOS/help.stdout"
$ERPSYNC help | cmp - "$SCENARIOS/help.stdout"
$ERPSYNC help --lang en | cmp - "$SCENARIOS/help.stdout"
$ERPSYNC 2>&1 >/dev/null | cmp - "$SCENARIOS/help.stdout"
$ERPSYNC >/dev/null 2>&1
