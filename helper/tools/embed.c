/* Build-time generator: turns files into a C array of struct embedded_file.
 * usage: embed ARRAY FILE... > array.c */
#include <stdio.h>
#include <string.h>

static int emit(const char *path, int index)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        return 1;
    }
    printf("static const unsigned char bytes_%d[] = {", index);
    int c;
    for (long n = 0; (c = getc(in)) != EOF; n++)
        printf("%s%d,", n % 24 == 0 ? "\n" : "", c);
    printf("\n0};\n");
    int bad = ferror(in);
    fclose(in);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    printf("#include \"rule/embedded.h\"\n");
    for (int i = 2; i < argc; i++)
        if (emit(argv[i], i) != 0)
            return 1;
    printf("const struct embedded_file %s[] = {\n", argv[1]);
    for (int i = 2; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        printf("    {\"%s\", (const char *)bytes_%d, sizeof bytes_%d - 1},\n",
               slash == NULL ? argv[i] : slash + 1, i, i);
    }
    printf("    {0, 0, 0},\n};\n");
    return 0;
}
