# A command's options come from its own table.
$ERPSYNC help rollback
$ERPSYNC recover --help
$ERPSYNC verify --help
# No help is wider than a terminal of 80 columns.
{
	$ERPSYNC --help
	for command in $($ERPSYNC complete '' | cut -f 1) settings; do
		$ERPSYNC help "$command"
	done
} >all
[ "$(wc -l <all)" -gt 200 ] && awk 'length > 79' all
