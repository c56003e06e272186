#ifndef ERPSYNC_CLI_MESSAGES_MESSAGES_ADVICE_INTERNAL_H
#define ERPSYNC_CLI_MESSAGES_MESSAGES_ADVICE_INTERNAL_H

/* The catalogue's keys of what to do about a failure; which failure gets which
 * is in cli/failure.c. */

/* The last two digits are those of the failure. */
#define DO011 "DO011: Start it again and agree, or use --yes."
#define DO012 "DO012: To have updates, set Enable=1 in the server's [Update]."
#define DO013                                                                  \
	"DO013: Check --os, and that the server's INI names an update folder " \
	"for it."
#define DO015                                                                  \
	"DO015: Nothing need be done; the administrator lets it go when it "   \
	"is ready."
#define DO016                                                                  \
	"DO016: Nothing need be done; start it again at that time. [ErpSync] " \
	"Window of the server's INI has the hours."
#define DO019                                                                  \
	"DO019: Update with --download-only once more, or without "            \
	"--apply."
#define DO020 "DO020: Let this user read and write it, or update as the owner."
#define DO021                                                                  \
	"DO021: Free some space on the disk of the client folder (of inodes: " \
	"remove files, whatever their size) and try again."
#define DO022                                                                  \
	"DO022: Close the programs and sessions that use it and try again."
#define DO023 "DO023: Wait until the folder is free and try again."
#define DO025 "DO025: Try again; if it fails again, tell the administrator."
#define DO026                                                                  \
	"DO026: Bring back another one (--to): 'erpsync history' tells which " \
	"are as they were made."
#define DO028                                                                  \
	"DO028: Check the network, the server's address and port, and that "   \
	"the server is running."
#define DO029 "DO029: Try again: what was received is kept."
#define DO033                                                                  \
	"DO033: Check that the address and port are the update server's and "  \
	"that both programs are up to date."
#define DO034                                                                  \
	"DO034: Check the disk and the folder, run 'erpsync recover' and try " \
	"again."
#define DO035 "DO035: Check that the folder and the file names are right."
#define DO036 "DO036: Close other programs and try again."
#define DO037 "DO037: Start it again when it suits."
#define DO038                                                                  \
	"DO038: Correct the request; 'erpsync --help' explains it, 'erpsync "  \
	"help settings' the keys of INI files."
#define DO039 "DO039: Send this message to the administrator."
#define DO040                                                                  \
	"DO040: Leave the folder as it is and send this message to the "       \
	"administrator; erpsync(1) tells under FILES what can be done."
#define DO041 "DO041: Tell the administrator."
#define DO042                                                                  \
	"DO042: Check the server's folder, or allow it with --max-delete=NUM."
#define DO043 "DO043: Move it out of the client folder and try again."
#define DO044                                                                  \
	"DO044: Try again in a few minutes. If it stays so, the server's log " \
	"says why: it may be unable to publish what it has."
#define DO045 "DO045: Mount the disk so that it can be written."
#define DO046 "DO046: Raise the limit of file sizes (ulimit -f) and try again."
#define DO047                                                                  \
	"DO047: Tell the server's administrator: its state folder needs room."
#define DO048                                                                  \
	"DO048: End what uses it, or give another address or port: --listen, " \
	"or Listen= and Port= in [ErpSync]."
#define DO049                                                                  \
	"DO049: Wait until it ends; if none is running, run "                  \
	"'erpsync recover'."
#define DO050                                                                  \
	"DO050: Use that version of erpsync, or a newer one, for this folder."
#define DO051                                                                  \
	"DO051: Ask the server's administrator; erpsync(1) tells under "       \
	"SECURITY what can be set."
#define DO052                                                                  \
	"DO052: Raise the limit of open files (ulimit -n; LimitNOFILE= of a "  \
	"service) and try again."
#define DO053                                                                  \
	"DO053: Check this path: a link in it leads in a circle, or must not " \
	"be followed."
#define DO054 "DO054: Use a shorter path or name."
#define DO055 "DO055: Check this path: what is to be a folder in it is a file."
#define DO056                                                                  \
	"DO056: Tell the server's administrator: its log says why (its disk, " \
	"its rights)."
#define DO060                                                                  \
	"DO060: Nothing was changed. Tell the administrator: the server, "     \
	"or somebody on the way to it, offers what must not be "               \
	"installed."
#define DO062                                                                  \
	"DO062: Nothing was changed. Check this machine's clock; if it "       \
	"is right, the administrator has to seal the release anew."
#define DO065                                                                  \
	"DO065: Nothing was changed. Check this machine's clock; if it "       \
	"is right, tell the administrator: serial numbers that ran ahead "     \
	"need a new key."

/* The same where no client folder is meant. */
#define DO220 "DO220: Check who may read and write it."
#define DO221                                                                  \
	"DO221: Free some space on that disk (of inodes: remove files) and "   \
	"try again."
#define DO222 "DO222: Try again when nothing else uses or writes it."
#define DO223 "DO223: Wait until it is free and try again."
#define DO225 "DO225: Check that it belongs here, or make it again."
#define DO234 "DO234: Check the disk and try again."
#define DO235 "DO235: Check the name."
#define DO237 "DO237: Nothing was written; start it again when it suits."
#define DO238                                                                  \
	"DO238: Correct it; 'erpsync help' tells the commands, 'erpsync help " \
	"settings' the keys of INI files."
#define DO239                                                                  \
	"DO239: Correct it in the update folder, or leave it out (Exclude= "   \
	"in "                                                                  \
	"[ErpSync])."
#define DO243 "DO243: Move it away and try again."
#define DO260                                                                  \
	"DO260: Nothing was published; seal it: 'erpsync seal', or "           \
	"--seal-key."

/* About a program that `run` could not start. */
#define DO101                                                                  \
	"DO101: Check the name: one without a folder is looked for in PATH, "  \
	"./NAME in the client folder."
#define DO102                                                                  \
	"DO102: Give the file the right to be executed (chmod +x), in the "    \
	"server's update folder, too."
#define DO103                                                                  \
	"DO103: Mount it without noexec, or move the client folder to "        \
	"another "                                                             \
	"disk."
#define DO104                                                                  \
	"DO104: Check --os and the server's update folder for this system."
#define DO105                                                                  \
	"DO105: Install it, or correct the first line of the program's file."
#define DO106                                                                  \
	"DO106: Name a program; a script begins with #! and its interpreter."

#endif
