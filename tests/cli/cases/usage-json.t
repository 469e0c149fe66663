# With --json a wrong command line is a document on stdout too.
. "$CLI_DIR/lib.sh"
ringctl create --json 2>/dev/null | is_json || echo 'not JSON'
r create a --json --size 1X
r nothing --json
--- stdout
{
  "error": {
    "code": "USAGE",
    "text": "option '--size': '1X': not a size such as 4096, 64M or 1G"
  }
}
exit 2
{
  "error": {
    "code": "USAGE",
    "text": "unknown command 'nothing'"
  }
}
exit 2
--- stderr
ringctl: option '--size': '1X': not a size such as 4096, 64M or 1G
Try 'ringctl create --help'.
ringctl: unknown command 'nothing'
Try 'ringctl --help'.
