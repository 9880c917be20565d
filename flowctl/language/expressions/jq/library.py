"""Functions of jq that are written in jq."""

LIBRARY = r"""
def not: if . then false else true end;
def map(f): [.[] | f];
def select(f): if f then . else empty end;
def recurse(f): def r: ., (f | r); r;
def recurse(f; cond): def r: ., (f | select(cond) | r); r;
def recurse: recurse(.[]?);
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def map_values(f): .[] |= f;
def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];
def from_entries: reduce .[] as $x ({};
  . + {($x | if .key == null then (.k // .name // .Name // .K // .Key) else .key end
        | if type == "string" then . else tojson end):
       ($x | if has("value") then .value elif has("v") then .v else .Value end)});
def with_entries(f): to_entries | map(f) | from_entries;
def add: reduce .[] as $x (null; . + $x);
def add(f): reduce f as $x (null; . + $x);
def any: reduce .[] as $x (false; . or $x);
def all: reduce .[] as $x (true; . and $x);
def any(f): reduce (.[] | f) as $x (false; . or $x);
def all(f): reduce (.[] | f) as $x (true; . and $x);
def any(g; f): reduce (g | f) as $x (false; . or $x);
def all(g; f): reduce (g | f) as $x (true; . and $x);
def isempty(g): label $go | (g | false, break $go), true;
def error(f): f | error;
def del(f): delpaths([path(f)]);
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def pick(f): . as $top | reduce path(f) as $p (null; setpath($p; $top | getpath($p)));
def first(f): label $out | (f | ., break $out);
def last(f): reduce f as $x (null; $x);
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): last(limit($n + 1; f));
def limit($n; f): if $n > 0 then label $out | foreach f as $x (0; . + 1; $x, if . >= $n then break $out else empty end)
  else empty end;
def skip($n; f): foreach f as $x (0; . + 1; if . > $n then $x else empty end);
def until(c; u): def r: if c then . else (u | r) end; r;
def while(c; u): def r: if c then ., (u | r) else empty end; r;
def repeat(u): def r: ., (u | r); r;
def in(x): . as $k | x | has($k);
def inside(x): . as $k | x | contains($k);
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;
def sort_by(f): _sort_by([.[] | [f]]);
def group_by(f): _group_by([.[] | [f]]);
def unique_by(f): [_group_by([.[] | [f]])[] | .[0]];
def min_by(f): _min_by([.[] | [f]]);
def max_by(f): _max_by([.[] | [f]]);
def unique: unique_by(.);
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdateiso8601: fromdate;
def todateiso8601: todate;
def capture(re): capture(re; null);
def capture(re; flags): match(re; flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}]
  | from_entries;
def match(re): match(re; null);
def match(re; flags): _match(re; flags)[];
def test(re): test(re; null);
def scan(re): scan(re; "g");
def scan(re; flags): match(re; "g" + flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def sub(re; str): sub(re; str; "");
def sub(re; str; flags): . as $in
  | (reduce (match(re; flags) | . as $edit | ($edit.captures
        | map(select(.name != null) | {key: .name, value: .string}) | from_entries | str) as $new
        | {offset: $edit.offset, length: $edit.length, new: $new}) as $e
      ({out: "", at: 0}; .out += $in[.at:$e.offset] + $e.new | .at = $e.offset + $e.length))
  | .out + $in[.at:];
def gsub(re; str): sub(re; str; "g");
def gsub(re; str; flags): sub(re; str; "g" + flags);
def splits(re): splits(re; null);
def splits(re; flags): split(re; flags)[];
def debug: .;
def debug(f): .;
def abs: if type == "number" and . < 0 then -. else . end;
def toarray: if type == "array" then . else [.] end;
def index($i): indices($i) | .[0];
def rindex($i): indices($i) | .[-1:][0];
def join($x): reduce .[] as $i (null; (if . == null then "" else . + $x end)
  + ($i | if . == null then "" elif type == "boolean" or type == "number" then "\(.)" else . end)) // "";
def flatten: flatten(1e9);
def transpose: if . == [] then [] else . as $in | (map(length) | max) as $max
  | [range(0; $max) as $j | [range(0; $in | length) as $i | $in[$i][$j]]] end;
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);
.
"""
