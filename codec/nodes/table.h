/* @name@: a prefix code and its packets, made by "codec export". Change the table, not this file.
 *
 * table and layout  @fingerprint@, of the code @code_fingerprint@
 * codewords         @about@
 * readings          whole multiples of @step@
 * constants         @bytes@ bytes: @how@
 *
 * C99, integers only, no allocation, no library. What stands in a packet, bit by bit: codec/nodes/README.md.
 */
#ifndef @NAME@_H
#define @NAME@_H

#include <stddef.h>
#include <stdint.h>

/* Where constants stand, and how one is read: on AVR in flash. Define both to have it another way. */
#ifndef CODEC_TABLE
#ifdef __AVR__
#include <avr/pgmspace.h>
#define CODEC_TABLE static const __attribute__((__progmem__))
#define CODEC_READ(place) \
    (sizeof *(place) == 1 ? pgm_read_byte(place) : sizeof *(place) == 2 ? pgm_read_word(place) : pgm_read_dword(place))
#else
#define CODEC_TABLE static const
#define CODEC_READ(place) (*(place))
#endif
#endif

/* Bits of a packet; the same for all tables, so that channels can share one. */
#ifndef CODEC_PACKET
#define CODEC_PACKET

/* A packet that is written: `at` bytes are begun, `free` bits of the last one are left. */
typedef struct {
    uint8_t *bytes;
    size_t room, at;
    uint8_t free;
} codec_writer;

static inline void codec_put(codec_writer *to, uint32_t value, uint8_t length)
{
    while (length) {
        uint8_t taken;
        if (!to->free) {
            to->free = 8;
            if (to->at++ < to->room)
                to->bytes[to->at - 1] = 0;
        }
        taken = length < to->free ? length : to->free;
        length = (uint8_t)(length - taken);
        to->free = (uint8_t)(to->free - taken);
        if (to->at <= to->room)
            to->bytes[to->at - 1] |= (uint8_t)((value >> length & ((1u << taken) - 1)) << to->free);
    }
}

/* A packet that is read: `left` bits of the byte before `bytes` are left; `over` once it ends too early. */
typedef struct {
    const uint8_t *bytes, *end;
    uint8_t left, over;
} codec_reader;

static inline uint8_t codec_bit(codec_reader *from)
{
    if (!from->left) {
        if (from->bytes == from->end) {
            from->over = 1;
            return 0;
        }
        from->bytes++;
        from->left = 8;
    }
    return from->bytes[-1] >> --from->left & 1;
}

static inline uint32_t codec_take(codec_reader *from, uint8_t length)
{
    uint32_t value = 0;
    while (length--)
        value = value << 1 | codec_bit(from);
    return value;
}
#endif

#define @NAME@_FINGERPRINT "@fingerprint@"
#define @NAME@_SYMBOLS @symbols@ /* an escape, if there is one, is the last */
#define @NAME@_HAS_ESCAPE @has_escape@
#define @NAME@_MAX_LENGTH @max_length@
#define @NAME@_DIFFERENCES @differences@
#define @NAME@_RAW_BITS @raw_bits@
#define @NAME@_COUNT_BITS @count_bits@
#define @NAME@_CHECK_BITS @check_bits@
#define @NAME@_TABLE_BYTES @bytes@
#define @NAME@_LONGEST @longest@ /* bits of a reading, but for the first of differences */

/* Bytes that no packet of so many readings exceeds. */
#define @NAME@_LARGEST(count) \
    ((@NAME@_COUNT_BITS + ((count) ? (@NAME@_DIFFERENCES ? @NAME@_RAW_BITS : @NAME@_LONGEST) + \
     ((uint32_t)(count) - 1) * @NAME@_LONGEST : 0) + 7) / 8 + @NAME@_CHECK_BITS / 8)

/* What encode and decode return in place of a size or a count. */
#define @NAME@_NO_CODEWORD (-1) /* a reading cannot be packed: send nothing */
#define @NAME@_NO_ROOM (-2)     /* the packet, or its readings, are more than the room given */
#define @NAME@_DAMAGED (-3)     /* no packet has these bytes */

typedef @reading@ @name@_reading;
typedef @value@ @name@_value; /* of a difference too */
typedef @word@ @name@_word;

#define @NAME@_LOW ((@name@_value)@low@)
#define @NAME@_HIGH ((@name@_value)@high@)
#define @NAME@_BOUND ((@name@_value)1 << (@NAME@_RAW_BITS - 1))

@arrays@

/* The symbol of a label; that of the escape, or the number of symbols, where it has none. */
static inline uint16_t @name@_symbol(@name@_value label)
{
    uint16_t none = @NAME@_SYMBOLS - @NAME@_HAS_ESCAPE;
#if @searched@
    uint16_t from = 0, to = none;
    while (from < to) {
        uint16_t middle = (uint16_t)((from + to) / 2);
        if ((@label@)CODEC_READ(@name@_labels + middle) < label)
            from = (uint16_t)(middle + 1);
        else
            to = middle;
    }
    return from < none && (@label@)CODEC_READ(@name@_labels + from) == label ? from : none;
#else
    return label < @NAME@_LOW || label > @NAME@_HIGH ? none : (uint16_t)(label - @NAME@_LOW);
#endif
}

#if @runs@
/* A run of 2^width symbols that have one length: the length in the upper half, the width in the lower. */
static inline void @name@_run(uint16_t run, uint8_t *length, uint32_t *size)
{
    @run@ entry = (@run@)CODEC_READ(@name@_intervals + run);
    *length = (uint8_t)(entry >> @run_half@);
    *size = (uint32_t)1 << (entry & ((1 << @run_half@) - 1));
}
#elif @small@
static inline uint8_t @name@_length(uint16_t symbol)
{
#if @NAME@_MAX_LENGTH < 16
    return (uint8_t)(CODEC_READ(@name@_lengths + symbol / 2) >> (symbol & 1 ? 0 : 4) & 15);
#else
    return (uint8_t)CODEC_READ(@name@_lengths + symbol);
#endif
}
#endif

/* The codeword of a symbol and its length, 0 if it has none. */
static inline @name@_word @name@_codeword(uint16_t symbol, uint8_t *length)
{
#if @runs@ || @small@
    /* Canonical: in order of length, then of symbols; so those of a run are consecutive. */
    @name@_word word = 0;
    uint16_t other;
    uint8_t bits;
#if @runs@
    uint8_t own;
    uint32_t size, left = symbol;
    for (other = 0; @name@_run(other, length, &size), left >= size; other++)
        left -= size;
#else
    *length = @name@_length(symbol);
#endif
    for (bits = 1; bits < *length; bits++)
        word = (@name@_word)((word + (@name@_word)CODEC_READ(@name@_counts + bits)) << 1);
#if @runs@
    while (other--) {
        @name@_run(other, &own, &size);
        word = (@name@_word)(word + (own == *length ? size : 0));
    }
    return (@name@_word)(word + left);
#else
    for (other = 0; other < symbol; other++)
        word = (@name@_word)(word + (@name@_length(other) == *length));
    return word;
#endif
#else
    /* An entry is a 1 and the codeword behind it. */
    @name@_word entry = (@name@_word)CODEC_READ(@name@_codewords + symbol), rest = entry;
    for (*length = 0; rest > 1; rest >>= 1)
        ++*length;
    return (@name@_word)(entry ^ (@name@_word)((@name@_word)1 << *length));
#endif
}

/* The symbol of a codeword by its length and its rank among those; `before` are shorter. */
static inline uint16_t @name@_ranked(uint8_t length, uint16_t rank, uint16_t before)
{
#if @runs@
    uint16_t symbol = 0, run = 0;
    uint32_t size;
    uint8_t own;
    (void)before;
    for (; @name@_run(run, &own, &size), own != length || rank >= size; run++) {
        rank = (uint16_t)(own == length ? rank - size : rank);
        symbol = (uint16_t)(symbol + size);
    }
    return (uint16_t)(symbol + rank);
#elif @small@
    uint16_t symbol = 0;
    (void)before;
    while (@name@_length(symbol) != length || rank--)
        symbol++;
    return symbol;
#else
    (void)length;
    return (uint16_t)CODEC_READ(@name@_order + before + rank);
#endif
}

static inline @name@_value @name@_label(uint16_t symbol)
{
#if @searched@
    return (@name@_value)(@label@)CODEC_READ(@name@_labels + symbol);
#else
    return (@name@_value)(@NAME@_LOW + symbol);
#endif
}

#if @NAME@_CHECK_BITS
typedef uint@check_bits@_t @name@_crc; /* @check@ */

static inline @name@_crc @name@_check(const uint8_t *bytes, size_t size)
{
    @name@_crc value = @initial@;
    uint8_t bit;
    while (size--) {
        value = (@name@_crc)(value ^ (@name@_crc)*bytes++ << (@NAME@_CHECK_BITS - 8));
        for (bit = 0; bit < 8; bit++)
            value = (@name@_crc)(value << 1 ^ (value >> (@NAME@_CHECK_BITS - 1) ? @polynomial@ : 0));
    }
    return value ^ @final@;
}
#endif

/* Begin a packet of so many readings in at most `room` bytes: 0, or what is wrong. */
static inline int32_t @name@_begin(codec_writer *to, uint8_t *packet, size_t room, size_t count)
{
    to->bytes = packet;
    to->room = room;
    to->at = to->free = 0;
#if @NAME@_COUNT_BITS
    if ((uint32_t)count >> @NAME@_COUNT_BITS)
        return @NAME@_NO_ROOM;
    codec_put(to, (uint32_t)count, @NAME@_COUNT_BITS);
#else
    (void)count;
#endif
    return 0;
}

/* The readings of a channel: 0, or what is wrong. */
static inline int32_t @name@_write(codec_writer *to, const @name@_reading *readings, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        @name@_value reading = readings[i];
        int fits = reading >= -@NAME@_BOUND && reading <= @NAME@_BOUND - 1;
        uint8_t length = 0;
        uint16_t symbol;
        if (@NAME@_DIFFERENCES && !fits)
            return @NAME@_NO_CODEWORD;
        if (!@NAME@_DIFFERENCES || i) {
            @name@_word word = 0;
            symbol = @name@_symbol(@NAME@_DIFFERENCES ? reading - readings[i - 1] : reading);
            if (symbol < @NAME@_SYMBOLS)
                word = @name@_codeword(symbol, &length);
            if (@NAME@_HAS_ESCAPE && !length)
                word = @name@_codeword(symbol = @NAME@_SYMBOLS - 1, &length);
            if (!length || (@NAME@_HAS_ESCAPE && symbol == @NAME@_SYMBOLS - 1 && !fits))
                return @NAME@_NO_CODEWORD;
            codec_put(to, word, length);
            if (!@NAME@_HAS_ESCAPE || symbol != @NAME@_SYMBOLS - 1)
                continue;
        }
        codec_put(to, (uint32_t)reading, @NAME@_RAW_BITS);
    }
    return 0;
}

/* Zeros to a byte and the check: the size of the packet, or what is wrong. */
static inline int32_t @name@_end(codec_writer *to)
{
    if (to->at + @NAME@_CHECK_BITS / 8 > to->room)
        return @NAME@_NO_ROOM;
#if @NAME@_CHECK_BITS
    to->free = 0;
    codec_put(to, @name@_check(to->bytes, to->at), @NAME@_CHECK_BITS);
#endif
    return (int32_t)to->at;
}

/* Readings -> a packet of at most `room` bytes; its size, or what is wrong. @NAME@_LARGEST(count) is always enough. */
static inline int32_t @name@_encode(const @name@_reading *readings, size_t count, uint8_t *packet, size_t room)
{
    codec_writer to;
    int32_t wrong = @name@_begin(&to, packet, room, count);
    if (!wrong)
        wrong = @name@_write(&to, readings, count);
    return wrong ? wrong : @name@_end(&to);
}

/* The next symbol; the number of symbols for what is no codeword. Codewords of a length are consecutive numbers, and
 * `first` is the least of them. */
static inline uint16_t @name@_next(codec_reader *from)
{
    @name@_word code = 0, first = 0;
    uint16_t before = 0;
    uint8_t length;
    for (length = 1; length <= @NAME@_MAX_LENGTH; length++) {
        uint16_t count = (uint16_t)CODEC_READ(@name@_counts + length);
        code = (@name@_word)(code | codec_bit(from));
        if (from->over)
            break;
        if ((@name@_word)(code - first) < count)
            return @name@_ranked(length, (uint16_t)(code - first), before);
        before = (uint16_t)(before + count);
        first = (@name@_word)((first + count) << 1);
        code = (@name@_word)(code << 1);
    }
    return @NAME@_SYMBOLS;
}

/* Begin to read a packet: the number of its readings, or what is wrong. Without a count in the packet, `count` are
 * wanted; with one, there is room for so many. */
static inline int32_t @name@_open(codec_reader *from, const uint8_t *packet, size_t size, size_t count)
{
    from->left = from->over = 0;
#if @NAME@_CHECK_BITS
    if (size < @NAME@_CHECK_BITS / 8)
        return @NAME@_DAMAGED;
    size -= @NAME@_CHECK_BITS / 8;
    from->bytes = packet + size;
    from->end = from->bytes + @NAME@_CHECK_BITS / 8;
    if (codec_take(from, @NAME@_CHECK_BITS) != @name@_check(packet, size))
        return @NAME@_DAMAGED;
    from->left = 0;
#endif
    from->bytes = packet;
    from->end = packet + size;
#if @NAME@_COUNT_BITS
    {
        size_t said = (size_t)codec_take(from, @NAME@_COUNT_BITS);
        if (from->over)
            return @NAME@_DAMAGED;
        if (said > count)
            return @NAME@_NO_ROOM;
        count = said;
    }
#endif
    return (int32_t)count;
}

/* The readings of a channel: 0, or what is wrong. */
static inline int32_t @name@_read(codec_reader *from, @name@_reading *readings, size_t count)
{
    @name@_value before = 0;
    size_t i;
    for (i = 0; i < count; i++) {
        int raw = @NAME@_DIFFERENCES && !i;
        if (!raw) {
            uint16_t symbol = @name@_next(from);
            if (symbol == @NAME@_SYMBOLS)
                return @NAME@_DAMAGED;
            raw = @NAME@_HAS_ESCAPE && symbol == @NAME@_SYMBOLS - 1;
            if (!raw)
                before = (@name@_value)((@NAME@_DIFFERENCES ? before : 0) + @name@_label(symbol));
        }
        if (raw) {
            uint32_t bits = codec_take(from, @NAME@_RAW_BITS);
            before = (@name@_value)bits;
            if (bits >> (@NAME@_RAW_BITS - 1))
                before = (@name@_value)(before - @NAME@_BOUND - @NAME@_BOUND);
        }
        if (from->over || (@NAME@_DIFFERENCES && (before < -@NAME@_BOUND || before > @NAME@_BOUND - 1)))
            return @NAME@_DAMAGED;
        readings[i] = (@name@_reading)before;
    }
    return 0;
}

/* Whether nothing but zeros to a byte is left: 0, or what is wrong. */
static inline int32_t @name@_close(const codec_reader *from)
{
    if (from->bytes != from->end || (from->left && (from->bytes[-1] & ((1u << from->left) - 1))))
        return @NAME@_DAMAGED;
    return 0;
}

/* A packet -> its readings: their number, or what is wrong; `count` as above. */
static inline int32_t @name@_decode(const uint8_t *packet, size_t size, @name@_reading *readings, size_t count)
{
    codec_reader from;
    int32_t wrong, found = @name@_open(&from, packet, size, count);
    if (found < 0)
        return found;
    wrong = @name@_read(&from, readings, (size_t)found);
    if (!wrong)
        wrong = @name@_close(&from);
    return wrong ? wrong : found;
}

/* Whether both directions give here what they gave where this file was made: 0 if they do. */
static inline int @name@_selftest(void)
{
    @name@_reading readings[@test_count@], back[@test_count@];
    uint8_t packet[sizeof @name@_test_packet];
    size_t i;
    for (i = 0; i < @test_count@; i++)
        readings[i] = (@name@_reading)CODEC_READ(@name@_test_readings + i);
    if (@name@_encode(readings, @test_count@, packet, sizeof packet) != (int32_t)sizeof packet)
        return 1;
    for (i = 0; i < sizeof packet; i++)
        if (packet[i] != (uint8_t)CODEC_READ(@name@_test_packet + i))
            return 2;
    if (@name@_decode(packet, sizeof packet, back, @test_count@) != @test_count@)
        return 3;
    for (i = 0; i < @test_count@; i++)
        if (back[i] != readings[i])
            return 4;
    return 0;
}

#endif
