/* Both ends of a link, with a header that "codec export node.json -o node.h" made: compile with -include node.h.
 *
 *   both_ends pack 24      readings, whole multiples of the step, one a line -> packets, one a line
 *   both_ends unpack 24    the other way
 */
#include <stdio.h>
#include <stdlib.h>

int main(int many, char **words)
{
    static node_reading readings[65536];
    static uint8_t packet[NODE_LARGEST(65536)];
    size_t size = many == 3 ? (size_t)atoi(words[2]) : 0, count = 0, i;
    int32_t got = 0;
    long reading;
    unsigned byte;
    int end = 0;
    if (node_selftest() || !size || size > 65535)
        return 2;
    if (words[1][0] == 'p') {
        while (!end) {
            end = scanf("%ld", &reading) != 1;
            if (!end)
                readings[count++] = (node_reading)reading;
            if (count < size && !(end && count))
                continue;
            got = node_encode(readings, count, packet, sizeof packet);
            if (got < 0)
                return 1;
            for (i = 0; i < (size_t)got; i++)
                printf("%02x", packet[i]);
            if (count < size)
                printf(" %u", (unsigned)count);
            puts("");
            count = 0;
        }
        return 0;
    }
    while (!end) {
        int c = getchar();
        if (c != '\n' && c != EOF && c != ' ' && ungetc(c, stdin) != EOF && scanf("%2x", &byte) == 1) {
            packet[count++] = (uint8_t)byte;
            continue;
        }
        end = c == EOF;
        if (!count)
            continue;
        got = node_decode(packet, count, readings, c == ' ' && scanf("%ld", &reading) == 1 ? (size_t)reading : size);
        if (got < 0)
            return 1;
        for (i = 0; i < (size_t)got; i++)
            printf("%ld\n", (long)readings[i]);
        count = 0;
    }
    return 0;
}
