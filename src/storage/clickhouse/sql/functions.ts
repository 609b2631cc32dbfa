/**
 * Functions that a user's SELECT may call: those that compute from their arguments. What is not here is refused: functions that read files, the
 * network, dictionaries, other tables or the server's state, that wait, or that run code. Lower case; ClickHouse names differ only in case.
 */
const groups: Readonly<Record<string, string>> = {
  operators: `plus minus multiply divide intdiv intdivorzero modulo moduloorzero positivemodulo negate abs gcd lcm max2 min2
    equals notequals less greater lessorequals greaterorequals isnotdistinctfrom and or not xor in notin globalin globalnotin tuple
    tupleelement array arrayelement map concat concatwithseparator between if multiif case casewithexpression lambda cast`,
  nulls:
    "isnull isnotnull coalesce ifnull nullif assumenotnull tonullable isnan isfinite isinfinite ifnotfinite iszeroornull",
  math: `exp exp2 exp10 log log2 log10 log1p ln sqrt cbrt pow power sin cos tan asin acos atan atan2 hypot sinh cosh tanh sign floor ceil
    ceiling round roundbankers trunc truncate rounddown roundtoexp2 rounddurations e pi degrees radians widthbucket width_bucket
    bitand bitor bitxor bitnot bitshiftleft bitshiftright bitcount bittest`,
  conversion: `toint8 toint16 toint32 toint64 toint128 toint256 touint8 touint16 touint32 touint64 tofloat32 tofloat64 todecimal32 todecimal64
    todecimal128 tostring tofixedstring touuid toboolean tobool todate todate32 todatetime todatetime64 totime tointerval accuratecast accuratecastornull
    accuratecastordefault toint8orzero toint16orzero toint32orzero toint64orzero touint8orzero touint16orzero touint32orzero touint64orzero
    tofloat32orzero tofloat64orzero toint32ornull toint64ornull touint32ornull touint64ornull tofloat64ornull todateorzero todateornull todatetimeorzero
    todatetimeornull todatetime64ornull todatetime64orzero parsedatetime parsedatetimebesteffort parsedatetimebesteffortornull
    parsedatetimebesteffortorzero parsedatetime64besteffort parsedatetime64besteffortornull tolowcardinality totypename reinterpretasint64
    reinterpretasuint64 reinterpretasfloat64 hex unhex bin unbin tointervalsecond tointervalminute tointervalhour tointervalday
    tointervalweek tointervalmonth tointervalquarter tointervalyear tointervalmillisecond tointervalmicrosecond tointervalnanosecond`,
  time: `now now64 today yesterday toyear toquarter tomonth tounixtimestamp tounixtimestamp64nano tounixtimestamp64micro tounixtimestamp64milli
    tounixtimestamp64second fromunixtimestamp fromunixtimestamp64nano fromunixtimestamp64micro fromunixtimestamp64milli fromunixtimestamp64second
    todayofmonth todayofweek todayofyear tohour tominute tosecond tomillisecond tostartofyear tostartofquarter tostartofmonth
    tostartofweek tomonday tostartofday tostartofhour tostartofminute tostartofsecond tostartofmillisecond tostartoffiveminutes tostartoffiveminute
    tostartoftenminutes tostartoffifteenminutes tostartofinterval timeslot timeslots datediff date_diff dateadd date_add datesub
    date_sub timestampadd timestampsub datetrunc date_trunc formatdatetime datename totimezone addseconds addminutes addhours adddays
    addweeks addmonths addyears addmilliseconds addmicroseconds addnanoseconds subtractseconds subtractminutes subtracthours subtractdays
    subtractweeks subtractmonths subtractyears toyyyymm toyyyymmdd toyyyymmddhhmmss age extract`,
  strings: `empty notempty length char_length character_length lengthutf8 lower lcase upper ucase lowerutf8 upperutf8 reverse reverseutf8 substring
    substr mid substringutf8 substringindex left right startswith endswith trim trimleft trimright trimboth ltrim rtrim leftpad rightpad lpad
    rpad repeat space concat_ws format base64encode base64decode trybase64decode position locate positioncaseinsensitive positionutf8
    multisearchany multisearchanycaseinsensitive multisearchfirstindex match multimatchany like ilike notlike notilike extractall extractgroups
    extractallgroupsvertical extractallgroupshorizontal regexpextract regexp_extract replace replaceone replaceall replaceregexpone
    replaceregexpall translate splitbychar splitbystring splitbyregexp splitbywhitespace splitbynonalpha arraystringconcat alphatokens tokens
    hastoken hastokenornull hastokencaseinsensitive hasanytokens hasalltokens countsubstrings countsubstringscaseinsensitive countmatches ngramdistance
    ngramsearch levenshteindistance editdistance damerlaulevenshteindistance jarowinklersimilarity ascii char isvalidutf8 tovalidutf8
    normalizeutf8nfc encodexmlcomponent decodexmlcomponent decodehtmlcomponent stringjaccardindex initcap soundex`,
  urls: `protocol domain domainwithoutwww topleveldomain firstsignificantsubdomain cuttofirstsignificantsubdomain port path pathfull querystring fragment
    extracturlparameter extracturlparameters extracturlparameternames cutquerystring cutfragment cutquerystringandfragment cuturlparameter
    cutwww decodeurlcomponent encodeurlcomponent netloc urlhierarchy urlpathhierarchy`,
  ips: "ipv4numtostring ipv4stringtonum ipv6numtostring ipv6stringtonum toipv4 toipv6 isipv4string isipv6string isipaddressinrange ipv4cidrtorange",
  arrays: `has hasall hasany hassubstr indexof countequal arrayconcat arraycount arrayexists arrayall arrayfilter arraymap arrayfirst arraylast
    arrayfirstindex arraylastindex arraymin arraymax arraysum arrayavg arraysort arrayreversesort arrayreverse arrayslice arrayjoin arraydistinct
    arrayuniq arrayenumerate arrayenumerateuniq arrayflatten arrayzip arraycumsum arraydifference arraypushback arraypushfront arraypopback
    arraypopfront arrayresize arrayintersect arrayunion arraycompact arrayproduct arraydotproduct arrayfold arrayfill
    arrayreversefill arraysplit arrayelementornull emptyarraystring emptyarrayuint64 range arraywithconstant arrayrotateleft arrayshuffle`,
  maps: `mapkeys mapvalues mapcontains mapcontainskey mapcontainskeylike mapcontainsvalue mapextractkeylike mapfilter mapapply mapfromarrays mapadd
    mapsubtract mapconcat mapexists mapall mapsort mapupdate mapcontainsvaluelike`,
  tuples: "untuple tuplehammingdistance tupleconcat tupleplus tupleminus flattentuple tuplenames",
  json: `jsonhas jsonlength jsontype jsonextract jsonextractstring jsonextractint jsonextractuint jsonextractfloat jsonextractbool jsonextractraw
    jsonextractarrayraw jsonextractkeysandvalues jsonextractkeys isvalidjson simplejsonhas simplejsonextractstring simplejsonextractint
    simplejsonextractfloat simplejsonextractbool simplejsonextractraw json_value json_query json_exists tojsonstring visitparamextractstring`,
  hashes:
    "cityhash64 siphash64 siphash128 xxhash32 xxhash64 xxh3 murmurhash3_64 farmhash64 farmfingerprint64 md5 sha1 sha256 crc32 halfmd5 inthash64 javahash",
  windows: `row_number rank dense_rank percent_rank cume_dist ntile lag lead laginframe leadinframe first_value last_value nth_value
    nonnegativederivative exponentialtimedecayedavg`,
  others: `least greatest transform generateuuidv4 rand rand64 rand32 formatreadablesize formatreadablequantity formatreadabletimedelta formatreadabledecimalsize bar ignore
    identity materialize grouping neighbor runningdifference runningaccumulate tocolumntypename finalizeaggregation exists`,
  aggregates: `count min max sum avg any anylast anyheavy argmin argmax uniq uniqexact uniqcombined uniqcombined64 uniqhll12 uniqtheta
    grouparray grouparraysample grouparraysorted grouparraylast grouparrayintersect grouparrayinsertat groupuniqarray groupconcat groupbitand
    groupbitor groupbitxor summap minmap maxmap sumwithoverflow sumcount sumkahan avgweighted quantile quantiles quantileexact
    quantilesexact quantileexactweighted quantiletiming quantilestiming quantiletdigest quantilestdigest quantiletdigestweighted quantilebfloat16
    quantilesbfloat16 quantiledd quantilesdd quantileinterpolatedweighted median medianexact mediantiming mediantdigest stddevpop
    stddevsamp varpop varsamp stddevpopstable stddevsampstable varpopstable varsampstable covarpop covarsamp corr topk topkweighted
    deltasum deltasumtimestamp skewpop skewsamp kurtpop kurtsamp simplelinearregression entropy histogram sequencematch sequencecount
    windowfunnel retention maxintersections boundingratio singlevalueornull firstvalue lastvalue exponentialmovingaverage intervallengthsum
    sparkbar mode contingency cramersv theilsu rankcorr first_value last_value array_agg group_concat any_value std stddev_pop stddev_samp
    var_pop var_samp covar_pop covar_samp bit_and bit_or bit_xor approx_top_k approx_top_sum`,
  timeSeries:
    "timeseriesratetogrid timeseriesdeltatogrid timeseriesinstantratetogrid timeseriesresampletogridwithstaleness",
};

const allowed: ReadonlySet<string> = new Set(
  Object.values(groups)
    .flatMap((names) => names.split(/\s+/))
    .map((name) => name.toLowerCase()),
);

const combinators = [
  "ornull",
  "ordefault",
  "distinct",
  "foreach",
  "resample",
  "argmin",
  "argmax",
  "array",
  "state",
  "merge",
  "if",
  "map",
];

/** True when the function only computes; aggregate combinators (sumIf, quantileArrayIf, uniqMerge) are understood. */
export function isAllowedFunction(name: string): boolean {
  let rest = name.toLowerCase();
  for (;;) {
    if (allowed.has(rest)) return true;
    const combinator = combinators.find((suffix) => rest.endsWith(suffix) && rest.length > suffix.length);
    if (combinator === undefined) return false;
    rest = rest.slice(0, -combinator.length);
  }
}

/** All names, for "did you mean". */
export const allowedFunctionNames: readonly string[] = [...allowed];

/** Functions on arrays and maps whose first argument is a value even when there are others. */
const plainCollectionFunctions: ReadonlySet<string> = new Set(
  `arrayelement arrayelementornull arrayconcat arraystringconcat arrayresize arraypushback arraypushfront arrayslice arrayintersect arrayunion
  arrayzip arrayenumerateuniq arrayuniq arraywithconstant arrayrotateleft arraydotproduct mapcontains mapcontainskey mapcontainskeylike
  mapcontainsvalue mapcontainsvaluelike mapextractkeylike mapfromarrays mapadd mapsubtract mapconcat mapupdate map array`.split(
    /\s+/,
  ),
);

/**
 * True when ClickHouse may take a bare name as the first argument for a function to call: `arrayMap(file, [...])` calls file() on each
 * element (measured with 26.7). Closed by default: a new array or map function counts as one.
 */
export function takesFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return /^(array|map)/.test(lower) && !plainCollectionFunctions.has(lower);
}
