/* Compiled by node.py behind a header t.h that "codec export" makes: rivals written by hand, with its bit writer and
 * reader; and the program that is asked for, NAME, CALLS and READINGS filled in. */
static inline int32_t lec_encode(const int16_t *readings, size_t count, uint8_t *packet, size_t room)
{
    codec_writer to;
    size_t i;
    to.bytes = packet;
    to.room = room;
    to.at = to.free = 0;
    codec_put(&to, (uint16_t)readings[0], 16);
    for (i = 1; i < count; i++) {
        int32_t d = (int32_t)readings[i] - readings[i - 1];
        uint16_t rest = (uint16_t)(d < 0 ? -d : d);
        uint8_t n = 0;
        for (; rest; rest >>= 1)
            n++;
        if (n > 14)
            return -1;
        codec_put(&to, n < 6 ? (n ? n + 1 : 0) : (1u << (n - 2)) - 2, n < 6 ? (n ? 3 : 2) : (uint8_t)(n - 2));
        codec_put(&to, (uint32_t)(d < 0 ? d - 1 : d), n);
    }
    return to.at > room ? -2 : (int32_t)to.at;
}
static inline int32_t lec_decode(const uint8_t *packet, size_t size, int16_t *readings, size_t count)
{
    codec_reader from;
    size_t i;
    from.left = from.over = 0;
    from.bytes = packet;
    from.end = packet + size;
    readings[0] = (int16_t)codec_take(&from, 16);
    for (i = 1; i < count; i++) {
        uint16_t value = (uint16_t)codec_take(&from, 2);
        uint8_t n = 0;
        if (value) {
            value = (uint16_t)(value << 1 | codec_bit(&from));
            if (value < 7)
                n = (uint8_t)(value - 1);
            else
                for (n = 6; n < 15 && codec_bit(&from); n++)
                    ;
        }
        value = (uint16_t)codec_take(&from, n);
        if (from.over || n > 14)
            return -3;
        readings[i] = (int16_t)(readings[i - 1] + (n && !(value >> (n - 1)) ? (int32_t)value + 1 - (1L << n) : value));
    }
    return (int32_t)count;
}
/* The first reading in two bytes, differences in one; -128 and two bytes where that is not enough. */
static inline int32_t int8_encode(const int16_t *readings, size_t count, uint8_t *packet, size_t room)
{
    size_t i, at = 0;
    for (i = 0; i < count; i++) {
        int32_t d = i ? (int32_t)readings[i] - readings[i - 1] : 999;
        int whole = d < -127 || d > 127;
        if (at + 3 > room)
            return -2;
        if (!whole || i)
            packet[at++] = (uint8_t)(whole ? -128 : d);
        if (whole) {
            packet[at++] = (uint8_t)((uint16_t)readings[i] >> 8);
            packet[at++] = (uint8_t)readings[i];
        }
    }
    return (int32_t)at;
}
static inline int32_t int8_decode(const uint8_t *packet, size_t size, int16_t *readings, size_t count)
{
    size_t i, at = 0;
    for (i = 0; i < count; i++) {
        int8_t d = -128;
        if (i) {
            if (at == size)
                return -3;
            d = (int8_t)packet[at++];
        }
        if (d != -128) {
            readings[i] = (int16_t)(readings[i - 1] + d);
            continue;
        }
        if (at + 2 > size)
            return -3;
        readings[i] = (int16_t)((uint16_t)packet[at] << 8 | packet[at + 1]);
        at += 2;
    }
    return (int32_t)count;
}
static inline int32_t int16_encode(const int16_t *readings, size_t count, uint8_t *packet, size_t room)
{
    size_t i;
    if (2 * count > room)
        return -2;
    for (i = 0; i < count; i++) {
        packet[2 * i] = (uint8_t)((uint16_t)readings[i] >> 8);
        packet[2 * i + 1] = (uint8_t)readings[i];
    }
    return (int32_t)(2 * count);
}
static inline int32_t int16_decode(const uint8_t *packet, size_t size, int16_t *readings, size_t count)
{
    size_t i;
    if (size < 2 * count)
        return -3;
    for (i = 0; i < count; i++)
        readings[i] = (int16_t)((uint16_t)packet[2 * i] << 8 | packet[2 * i + 1]);
    return (int32_t)count;
}

#ifdef HOST
#include <stdio.h>
int main(void)
{
    int16_t readings[24], back[24];
    uint8_t packet[256];
    int i, value;
    while (scanf("%d", &value) == 1) {
        int32_t size;
        readings[0] = (int16_t)value;
        for (i = 1; i < 24; i++) {
            if (scanf("%d", &value) != 1)
                return 1;
            readings[i] = (int16_t)value;
        }
        size = NAME_encode(readings, 24, packet, sizeof packet);
        if (size < 0 || NAME_decode(packet, (size_t)size, back, 24) != 24)
            return 2;
        for (i = 0; i < size; i++)
            printf("%02x", packet[i]);
        puts("");
        for (i = 0; i < 24; i++)
            if (back[i] != readings[i])
                return 3;
    }
    return 0;
}
#endif

#ifdef FLASH
int16_t readings[24];
uint8_t packet[256];
int32_t size;
__attribute__((noinline)) void used(void *p) { __asm__ volatile("" : : "r"(p) : "memory"); }
int main(void)
{
    used(readings);
    used(packet);
    used(&size);
    CALLS
    used(&size);
    return 0;
}
#endif

#ifdef CYCLES_AVR
#include <avr/io.h>
#include <avr/interrupt.h>
#include <avr/sleep.h>
static void say(uint32_t value)
{
    char digits[11];
    uint8_t n = 0;
    do digits[n++] = (char)('0' + value % 10); while (value /= 10);
    while (n) {
        while (!(UCSR0A & (1 << UDRE0)))
            ;
        UDR0 = (uint8_t)digits[--n];
    }
    while (!(UCSR0A & (1 << UDRE0)))
        ;
    UDR0 = '\n';
}
volatile int16_t given[24] = {READINGS};
int main(void)
{
    int16_t readings[24];
    uint8_t packet[256], i;
    uint16_t encoded, decoded;
    int32_t size;
    for (i = 0; i < 24; i++)
        readings[i] = given[i];
    UCSR0B = 1 << TXEN0;
    TCCR1A = 0;
    TCCR1B = 2;
    TCNT1 = 0;
    size = NAME_encode(readings, 24, packet, sizeof packet);
    encoded = TCNT1;
    TCNT1 = 0;
    NAME_decode(packet, (size_t)size, readings, 24);
    decoded = TCNT1;
    say(8ul * encoded);
    say(8ul * decoded);
    for (i = 0; i < 24; i++)
        if (readings[i] != given[i])
            say(9999999);
    cli();
    sleep_mode();
    return 0;
}
#endif

#ifdef CYCLES_ARM
volatile int16_t given[24] = {READINGS};
volatile int32_t size;
int16_t readings[24];
uint8_t packet[256];
__attribute__((noinline)) void mark(void) { __asm__ volatile(""); }
int main(void)
{
    int i;
    for (i = 0; i < 24; i++)
        readings[i] = given[i];
    mark();
    size = NAME_encode(readings, 24, packet, sizeof packet);
    mark();
    size = NAME_decode(packet, (size_t)size, readings, 24);
    mark();
    for (i = 0; i < 24; i++)
        if (readings[i] != given[i])
            size = -99;
    return size;
}
#endif
