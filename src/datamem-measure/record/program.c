/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Looks at the file of a program as execve(2) and the dynamic linker do. */
#include "tool.h"
#include "program.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Interpreters of interpreters; the kernel goes no further. */
#define INTERPRETERS 5

/* The bytes of a file; every access is checked against its size. */
struct image {
	const char *path;
	const unsigned char *bytes;
	size_t size;
	struct stat st;
};

static bool image_open(struct image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;

	image->path = path;
	if (fd >= 0 && fstat(fd, &image->st) == 0 && image->st.st_size > 0 &&
	    S_ISREG(image->st.st_mode))
		bytes = mmap(NULL, (size_t)image->st.st_size, PROT_READ,
			     MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (bytes == MAP_FAILED)
		return false;
	image->bytes = bytes;
	image->size = (size_t)image->st.st_size;
	return true;
}

static void image_close(struct image *image)
{
	munmap((void *)(uintptr_t)image->bytes, image->size);
}

static bool image_read(const struct image *image, uint64_t offset, void *out,
		       size_t size)
{
	if (offset > image->size || size > image->size - offset)
		return false;
	memcpy(out, image->bytes + offset, size);
	return true;
}

/* --- Scripts -------------------------------------------------------------- */

/* The program of the first line of a script, for the caller to free; NULL. */
static char *interpreter_of(const struct image *image)
{
	const char *text = (const char *)image->bytes;
	size_t begin = 2, end;

	if (image->size < 3 || text[0] != '#' || text[1] != '!')
		return NULL;
	while (begin < image->size && (text[begin] == ' ' ||
				       text[begin] == '\t'))
		begin++;
	end = begin;
	while (end < image->size && !strchr(" \t\n", text[end]))
		end++;
	return ctl_printf("%.*s", (int)(end - begin), text + begin);
}

/* --- Programs ------------------------------------------------------------- */

static bool read_header(const struct image *image, Elf64_Ehdr *header)
{
	return image_read(image, 0, header, sizeof(*header)) &&
	       !memcmp(header->e_ident, ELFMAG, SELFMAG);
}

/* Of another word size or machine: the linker will not load the observer. */
static bool is_foreign(const Elf64_Ehdr *header)
{
	struct image own;
	Elf64_Ehdr mine;
	bool foreign;

	if (!image_open(&own, "/proc/self/exe"))
		return false;
	foreign = read_header(&own, &mine) &&
		  (header->e_ident[EI_CLASS] != mine.e_ident[EI_CLASS] ||
		   header->e_machine != mine.e_machine);
	image_close(&own);
	return foreign;
}

static bool is_static(const struct image *image, const Elf64_Ehdr *header)
{
	for (unsigned int i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr part;

		if (!image_read(image, header->e_phoff +
					       (uint64_t)i * sizeof(part),
				&part, sizeof(part)))
			return false;
		if (part.p_type == PT_INTERP)
			return false;
	}
	return true;
}

static bool section(const struct image *image, const Elf64_Ehdr *header,
		    unsigned int i, Elf64_Shdr *out)
{
	return i < header->e_shnum &&
	       image_read(image, header->e_shoff + (uint64_t)i * sizeof(*out),
			  out, sizeof(*out));
}

static bool is_malloc(const struct image *image, const Elf64_Shdr *names,
		      const Elf64_Sym *symbol)
{
	char name[7];

	return symbol->st_shndx != SHN_UNDEF &&
	       ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
	       image_read(image, names->sh_offset + symbol->st_name, name,
			  sizeof(name)) && !strcmp(name, "malloc");
}

/* Its own comes before everybody else's in the linker's order. */
static bool brings_malloc(const struct image *image, const Elf64_Ehdr *header)
{
	Elf64_Shdr symbols, names;

	for (unsigned int i = 0; section(image, header, i, &symbols); i++) {
		if (symbols.sh_type != SHT_DYNSYM ||
		    !section(image, header, symbols.sh_link, &names))
			continue;
		for (uint64_t at = 0; at < symbols.sh_size;
		     at += sizeof(Elf64_Sym)) {
			Elf64_Sym symbol;

			if (!image_read(image, symbols.sh_offset + at, &symbol,
					sizeof(symbol)))
				return false;
			if (is_malloc(image, &names, &symbol))
				return true;
		}
	}
	return false;
}

/* The kernel then makes the linker ignore what is to be preloaded. */
static bool has_rights(const struct image *image)
{
	if ((image->st.st_mode & S_ISUID && image->st.st_uid != getuid()) ||
	    (image->st.st_mode & S_ISGID && image->st.st_gid != getgid()))
		return true;
	return getuid() != 0 &&
	       getxattr(image->path, "security.capability", NULL, 0) > 0;
}

static const char *obstacle_of(const struct image *image)
{
	Elf64_Ehdr header;

	if (!read_header(image, &header))
		return NULL;
	if (is_foreign(&header))
		return "it is built for another kind of machine";
	if (has_rights(image))
		return "it runs with the rights of its file (set-user-ID, "
		       "set-group-ID or capabilities), and preloads nothing";
	if (is_static(image, &header))
		return "it is linked statically, and preloads nothing";
	if (brings_malloc(image, &header))
		return "it contains a malloc of its own";
	return NULL;
}

/* As execvp(3) looks for it; NULL: not found. */
static char *find_program(const char *program)
{
	const char *path = getenv("PATH");
	char *copy, *rest, *folder, *found = NULL;

	if (strchr(program, '/'))
		return ctl_strdup(program);
	copy = rest = ctl_strdup(path ? path : "/bin:/usr/bin");
	while (!found && (folder = strsep(&rest, ":"))) {
		found = ctl_printf("%s/%s", *folder ? folder : ".", program);
		if (access(found, X_OK) != 0) {
			free(found);
			found = NULL;
		}
	}
	free(copy);
	return found;
}

char *record_program_obstacle(const char *program)
{
	char *path = find_program(program), *sentence = NULL;

	for (int i = 0; path && i < INTERPRETERS; i++) {
		char *interpreter;
		const char *why;
		struct image image;

		if (!image_open(&image, path))
			break;
		interpreter = interpreter_of(&image);
		why = interpreter ? NULL : obstacle_of(&image);
		if (why)
			sentence = ctl_printf("nothing of %s can be observed: "
					      "%s", path, why);
		image_close(&image);
		free(path);
		path = interpreter;
	}
	free(path);
	return sentence;
}
