#compdef erpsync erpsync-station erpsync-server
# Completion of erpsync in zsh: the program itself says what may come next.
local line word
local -a whole begun

for line in "${(@f)$($words[1] complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
	word=${line%%$'\t'*}
	case $word in
	'') ;;
	@dirs) compset -P '*='; _files -/ ;;
	@files) compset -P '*='; _files ;;
	*=) begun+=("$word:${line#*$'\t'}") ;;
	*) whole+=("$word:${line#*$'\t'}") ;;
	esac
done
(( ! $#whole )) || _describe erpsync whole
(( ! $#begun )) || _describe erpsync begun -S ''
