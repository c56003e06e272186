# What is tried of a disk is a table in the person's language; nothing stays
# behind. How much is free, and what each disk does otherwise, is left out.
mkdir disk
for lang in en pt es; do
	$ERPSYNC self-test disk --lang $lang >out || echo "ends with $?"
	sed -n 's/^\(.\{10,40\}\) ok.*/\1/p' out | sed 's/ *$//' | head -n 3
	sed -n '$p' out
	wc -l <out
done
ls -A disk
$ERPSYNC self-test nowhere --lang en
echo $?
$ERPSYNC self-test --lang en
echo $?
