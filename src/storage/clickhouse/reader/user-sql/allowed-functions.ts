/**
 * Functions that a user's SQL may call: those that compute from their arguments alone. Not here, and therefore refused: whatever reads files, the
 * network, dictionaries, other tables, settings or the server's state, sleeps, throws, or is named by a string (arrayReduce).
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const plain: readonly string[] = [
  // Operators as EXPLAIN AST names them.
  ...words(`plus minus multiply divide intDiv intDivOrZero modulo moduloOrZero positiveModulo negate equals notEquals less greater
    lessOrEquals greaterOrEquals isDistinctFrom isNotDistinctFrom and or not xor in notIn globalIn globalNotIn nullIn notNullIn exists like notLike
    ilike notILike match if multiIf caseWithExpression caseWithoutExpression isNull isNotNull ifNull nullIf coalesce assumeNotNull
    toNullable concat tuple array arrayElement tupleElement lambda cast between lagInFrame leadInFrame isZeroOrNull`),
  ...words(`abs ceil ceiling floor round roundBankers trunc truncate sign sqrt cbrt exp exp2 exp10 log ln log2 log10 pow power sin cos tan
    asin acos atan atan2 pi e greatest least gcd lcm bitAnd bitOr bitXor bitNot bitShiftLeft bitShiftRight bitTest bitCount byteSwap max2 min2
    isNaN isFinite isInfinite ifNotFinite widthBucket`),
  ...words(`length lengthUTF8 empty notEmpty lower upper lowerUTF8 upperUTF8 trim trimLeft trimRight trimBoth ltrim rtrim substring substr
    mid substringUTF8 left right leftPad rightPad reverse reverseUTF8 replace replaceOne replaceAll replaceRegexpOne replaceRegexpAll position
    positionUTF8 positionCaseInsensitive positionCaseInsensitiveUTF8 locate multiSearchAny multiSearchAnyCaseInsensitive startsWith endsWith
    extract extractAll extractGroups splitByChar splitByString splitByRegexp splitByNonAlpha splitByWhitespace tokens arrayStringConcat
    countSubstrings countSubstringsCaseInsensitive hasToken hasTokenCaseInsensitive hasAnyTokens hasAllTokens hex unhex base64Encode base64Decode
    cityHash64 xxHash64 sipHash64 md5 sha256 format2 formatReadableSize formatReadableQuantity formatReadableTimeDelta formatReadableDecimalSize
    domain domainWithoutWWW protocol path pathFull cutQueryString extractURLParameter topLevelDomain decodeURLComponent ascii char_length
    character_length concatWithSeparator concat_ws initcap levenshteinDistance editDistance`),
  ...words(`toString toInt8 toInt16 toInt32 toInt64 toInt128 toInt256 toUInt8 toUInt16 toUInt32 toUInt64 toUInt128 toUInt256 toFloat32 toFloat64
    toDecimal32 toDecimal64 toInt64OrZero toInt64OrNull toInt32OrZero toInt32OrNull toUInt64OrZero toUInt64OrNull toUInt32OrZero toUInt32OrNull
    toFloat64OrZero toFloat64OrNull toUInt8OrZero toUInt16OrZero toBool toUUID toFixedString toTypeName toLowCardinality accurateCast
    accurateCastOrNull materialize identity transform`),
  ...words(`now now64 today yesterday toDate toDate32 toDateTime toDateTime64 toDateTimeOrNull toDateOrNull toYear toQuarter toMonth toWeek
    toDayOfYear toDayOfMonth toDayOfWeek toHour toMinute toSecond toMillisecond toStartOfYear toStartOfQuarter toStartOfMonth toStartOfWeek toMonday
    toStartOfDay toStartOfHour toStartOfMinute toStartOfSecond toStartOfMillisecond toStartOfFiveMinutes toStartOfFiveMinute toStartOfTenMinutes
    toStartOfFifteenMinutes toStartOfInterval toUnixTimestamp toUnixTimestamp64Milli toUnixTimestamp64Micro toUnixTimestamp64Nano
    fromUnixTimestamp fromUnixTimestamp64Milli fromUnixTimestamp64Micro fromUnixTimestamp64Nano dateDiff age dateAdd dateSub date_add date_sub
    date_diff timestampAdd timestampSub addSeconds addMinutes addHours addDays addWeeks addMonths addYears addMilliseconds addMicroseconds
    addNanoseconds subtractSeconds subtractMinutes subtractHours subtractDays subtractWeeks subtractMonths subtractYears formatDateTime dateName
    parseDateTimeBestEffort parseDateTimeBestEffortOrNull parseDateTime64BestEffort parseDateTime64BestEffortOrNull toTimeZone timeSlot
    toIntervalNanosecond toIntervalMicrosecond toIntervalMillisecond toIntervalSecond toIntervalMinute toIntervalHour toIntervalDay toIntervalWeek
    toIntervalMonth toIntervalQuarter toIntervalYear date_trunc dateTrunc toYYYYMM toYYYYMMDD toYYYYMMDDhhmmss toISOWeek toISOYear monthName`),
  ...words(`arrayMap arrayFilter arrayExists arrayAll arrayCount arraySum arrayAvg arrayMin arrayMax arrayProduct arrayFirst arrayLast arrayFirstIndex
    arrayLastIndex arraySort arrayReverseSort arrayReverse arrayDistinct arrayUniq arrayConcat arraySlice arrayResize arrayZip arrayEnumerate
    arrayCumSum arrayDifference arrayFlatten arrayCompact arrayJoin arrayPushBack arrayPushFront arrayPopBack arrayPopFront arrayIntersect
    arrayUnion arrayElementOrNull has hasAll hasAny hasSubstr indexOf countEqual range emptyArrayString emptyArrayToSingle arrayWithConstant map mapKeys
    mapValues mapContains mapContainsKey mapContainsKeyLike mapContainsValue mapFilter mapApply mapExists mapAll mapSort mapConcat mapAdd
    mapSubtract mapUpdate mapFromArrays tupleConcat untuple`),
  ...words(`JSONExtract JSONExtractString JSONExtractInt JSONExtractUInt JSONExtractFloat JSONExtractBool JSONExtractRaw JSONExtractKeys
    JSONExtractArrayRaw JSONExtractKeysAndValues JSONHas JSONLength JSONType JSON_VALUE isValidJSON simpleJSONExtractString
    simpleJSONExtractInt visitParamExtractString isIPv4String isIPv6String toIPv4 toIPv6 IPv4NumToString IPv4StringToNum rowNumberInAllBlocks
    bar runningDifference`),
  ...words(`row_number rank dense_rank percent_rank ntile first_value last_value nth_value lag lead`),
];

const aggregates: readonly string[] =
  words(`count sum sumKahan sumWithOverflow sumMap minMap maxMap avg avgWeighted min max any anyLast anyHeavy
  any_value argMin argMax uniq uniqExact uniqCombined uniqCombined64 uniqHLL12 quantile quantiles quantileExact quantilesExact quantileTDigest
  quantilesTDigest quantileTiming quantilesTiming quantileExactWeighted quantileDeterministic quantileBFloat16 median medianExact
  medianTDigest groupArray groupUniqArray groupArraySorted groupArraySample groupArrayLast topK topKWeighted varPop varSamp stddevPop stddevSamp
  covarPop covarSamp corr skewPop kurtPop entropy simpleLinearRegression histogram deltaSum deltaSumTimestamp boundingRatio groupBitAnd
  groupBitOr groupBitXor sumCount maxIntersections exponentialMovingAverage first_value last_value string_agg group_concat groupConcat`);

const allowedPlain: ReadonlySet<string> = new Set(plain.map((name) => name.toLowerCase()));
const allowedAggregates: ReadonlySet<string> = new Set(aggregates.map((name) => name.toLowerCase()));
const combinators: readonly string[] = [
  "if",
  "array",
  "foreach",
  "ornull",
  "ordefault",
  "distinct",
  "map",
  "argmin",
  "argmax",
];

/** True for a function of the list, and for an aggregate with at most three combinators behind it ("sumIf", "quantileArrayIf"). */
export function isAllowedFunction(name: string): boolean {
  const lower = name.toLowerCase();
  return allowedPlain.has(lower) || isAllowedAggregate(lower, 3);
}

function isAllowedAggregate(lower: string, depth: number): boolean {
  if (allowedAggregates.has(lower)) return true;
  if (depth === 0) return false;
  return combinators.some(
    (combinator) =>
      lower.endsWith(combinator) && isAllowedAggregate(lower.slice(0, -combinator.length), depth - 1),
  );
}
