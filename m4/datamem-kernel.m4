dnl SPDX-License-Identifier: BSD-3-Clause
dnl Copyright (C) 2026 The libdatamem authors

dnl What configure can know about kernels. Three must never be mixed:
dnl
dnl headers   what the C library's and the kernel's headers define; found by
dnl           compiling only, so that cross compiling works
dnl build     the release of the host that builds (or the one named with
dnl           --with-kernel-release), page size likewise; recorded and shown,
dnl           and decides nothing but the fallback of --enable-hugepage=auto
dnl running   the kernel that the library meets; it is asked at run time, and
dnl           nothing found here is taken for it
dnl
dnl Every result is in a cache variable datamem_cv_* and can be given there.

dnl DATAMEM_CHECK_CONSTANT(NAME, INCLUDES, LINUX-RELEASE)
dnl
dnl Whether the headers define a constant. A missing one is defined in
dnl src/libdatamem/kernel/missing.h, so that the library can use what the
dnl running kernel knows and the headers do not; here it is found out and shown.
AC_DEFUN([DATAMEM_CHECK_CONSTANT], [
AS_VAR_PUSHDEF([datamem_var], [datamem_cv_decl_]m4_tolower([$1]))
AC_CACHE_CHECK([for $1 (Linux $3)], [datamem_var], [
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([$2], [[(void)($1);]])],
		[AS_VAR_SET([datamem_var], [yes])],
		[AS_VAR_SET([datamem_var], [no])])])
AS_VAR_IF([datamem_var], [yes],
	[],
	[datamem_headers_lack="$datamem_headers_lack $1"])
AS_VAR_POPDEF([datamem_var])
])

dnl DATAMEM_RELEASE_BELOW(RELEASE, MAJOR, MINOR, THEN)
dnl
dnl Run THEN if RELEASE, "X.Y" with anything behind, is known to be older.
AC_DEFUN([DATAMEM_RELEASE_BELOW], [
datamem_release_major=${$1%%.*}
datamem_release_minor=${$1#*.}
datamem_release_minor=${datamem_release_minor%%[[!0-9]]*}
AS_CASE([$datamem_release_major:$datamem_release_minor],
	[*[[!0-9:]]*|:*|*:], [],
	[AS_IF([test "$datamem_release_major" -lt $2 ||
		{ test "$datamem_release_major" -eq $2 && test "$datamem_release_minor" -lt $3; }],
		[$4])])
])

AC_DEFUN([DATAMEM_KERNEL], [
AC_REQUIRE([AC_CANONICAL_HOST])

dnl headers

AC_CACHE_CHECK([for the kernel's headers], [datamem_cv_kernel_headers_found], [
	AC_PREPROC_IFELSE([AC_LANG_SOURCE([[
		#include <linux/types.h>
		#include <linux/falloc.h>
		#include <linux/futex.h>]])],
		[datamem_cv_kernel_headers_found=yes],
		[datamem_cv_kernel_headers_found=no])])
AS_IF([test "$datamem_cv_kernel_headers_found" = no],
	[AC_MSG_ERROR([$CC finds no kernel headers (linux/types.h and others): install them (Debian: linux-libc-dev, Alpine: linux-headers); HACKING.md says how to give them to musl-gcc])])

datamem_headers_lack=
m4_pushdef([mman], [[[#include <sys/mman.h>]]])
m4_pushdef([prctl], [[[#include <sys/prctl.h>]]])
DATAMEM_CHECK_CONSTANT([MADV_HUGEPAGE], mman, [2.6.38])
DATAMEM_CHECK_CONSTANT([PR_GET_THP_DISABLE], prctl, [3.15])
DATAMEM_CHECK_CONSTANT([MADV_FREE], mman, [4.5])
DATAMEM_CHECK_CONSTANT([MEMBARRIER_CMD_PRIVATE_EXPEDITED],
	[[#include <linux/membarrier.h>]], [4.14])
DATAMEM_CHECK_CONSTANT([MAP_FIXED_NOREPLACE], mman, [4.17])
DATAMEM_CHECK_CONSTANT([MREMAP_DONTUNMAP], mman, [5.7])
DATAMEM_CHECK_CONSTANT([MADV_POPULATE_WRITE], mman, [5.14])
DATAMEM_CHECK_CONSTANT([PR_SET_VMA_ANON_NAME], prctl, [5.17])
DATAMEM_CHECK_CONSTANT([MADV_DONTNEED_LOCKED], mman, [5.18])
DATAMEM_CHECK_CONSTANT([MADV_COLLAPSE], mman, [6.1])
DATAMEM_CHECK_CONSTANT([MFD_NOEXEC_SEAL], mman, [6.3])
DATAMEM_CHECK_CONSTANT([PAGEMAP_SCAN],
	[[#include <sys/ioctl.h>
	#include <linux/fs.h>]], [6.7])
m4_popdef([mman])
m4_popdef([prctl])

AC_CACHE_CHECK([for struct pm_scan_arg (Linux 6.7)],
	[datamem_cv_struct_pm_scan_arg], [
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <linux/fs.h>]],
		[[struct pm_scan_arg arg = { 0 };
		(void)arg;]])],
		[datamem_cv_struct_pm_scan_arg=yes],
		[datamem_cv_struct_pm_scan_arg=no])])
AS_IF([test "$datamem_cv_struct_pm_scan_arg" = no],
	[datamem_headers_lack="$datamem_headers_lack pm_scan_arg"])

AC_CACHE_CHECK([for the release of the kernel headers],
	[datamem_cv_kernel_headers], [
	AC_COMPUTE_INT([datamem_code], [LINUX_VERSION_CODE],
		[[#include <linux/version.h>]], [datamem_code=0])
	AS_IF([test "$datamem_code" -gt 0],
		[datamem_cv_kernel_headers=$((datamem_code >> 16)).$((datamem_code >> 8 & 255)).$((datamem_code & 255))],
		[datamem_cv_kernel_headers=unknown])])
AC_DEFINE_UNQUOTED([DATAMEM_KERNEL_HEADERS], ["$datamem_cv_kernel_headers"],
	[The release that the kernel headers belong to.])

dnl build host

AC_ARG_WITH([kernel-release],
	[AS_HELP_STRING([--with-kernel-release=X.Y],
		[record this kernel release instead of that of the build host,
		 for builds that others can repeat])],
	[AS_CASE([$withval],
		[no], [with_kernel_release=unknown],
		[yes|""], [AC_MSG_ERROR([--with-kernel-release needs a release, as in --with-kernel-release=6.1])],
		[AS_IF([AS_ECHO(["$withval"]) | grep -E -q '^@<:@0-9@:>@+[[.]]@<:@0-9@:>@+([[.-]]@<:@A-Za-z0-9.+_-@:>@*)?$'],
			[],
			[AC_MSG_ERROR([--with-kernel-release: "$withval" is no kernel release])])])
	datamem_kernel_build=$with_kernel_release
	datamem_kernel_build_from="as given"],
	[AC_CACHE_CHECK([for the release of the build host's kernel],
		[datamem_cv_kernel_build],
		[datamem_cv_kernel_build=`uname -r 2>/dev/null || echo unknown`])
	datamem_kernel_build=$datamem_cv_kernel_build
	datamem_kernel_build_from="build host"])
AC_DEFINE_UNQUOTED([DATAMEM_KERNEL_BUILD], ["$datamem_kernel_build"],
	[The kernel release of the build host, or of --with-kernel-release.])

AC_CACHE_CHECK([for the page size], [datamem_cv_page_size], [
	dnl Another machine's page size is not to be had by compiling: many have
	dnl several. 0 is unknown.
	AS_IF([test "$cross_compiling" = yes],
		[datamem_cv_page_size=0],
		[datamem_cv_page_size=`getconf PAGESIZE 2>/dev/null || echo 0`])])
AS_CASE([$datamem_cv_page_size], [""|*[[!0-9]]*],
	[AC_MSG_ERROR([datamem_cv_page_size: "$datamem_cv_page_size" is no number])])
AC_DEFINE_UNQUOTED([DATAMEM_BUILD_PAGE_SIZE], [$datamem_cv_page_size],
	[Bytes of a page of the build host; 0 when unknown.])

dnl the default of the setting `hugepage`

AC_ARG_ENABLE([hugepage],
	[AS_HELP_STRING([--enable-hugepage=auto|yes|no],
		[default of the setting `hugepage`: where a probe of the running
		 kernel finds huge pages to arrive (auto), always, never
		 @<:@auto@:>@])],
	[], [enable_hugepage=auto])
datamem_hugepage_why=
AS_IF([test "$datamem_cv_decl_madv_hugepage" != yes],
	[datamem_hugepage_why="the headers have no MADV_HUGEPAGE"])
AS_IF([test "$datamem_kernel_build_from" = "as given"],
	[DATAMEM_RELEASE_BELOW([datamem_kernel_build], [4], [6],
		[datamem_hugepage_why="Linux $datamem_kernel_build is older than 4.6"])])
AS_CASE([$enable_hugepage],
	[auto], [AS_IF([test -z "$datamem_hugepage_why"],
		[datamem_hugepage=auto], [datamem_hugepage=off])],
	[yes], [AS_IF([test -z "$datamem_hugepage_why"],
		[datamem_hugepage=on],
		[AC_MSG_ERROR([--enable-hugepage=yes: $datamem_hugepage_why])])],
	[no], [datamem_hugepage=off
		datamem_hugepage_why=],
	[AC_MSG_ERROR([--enable-hugepage takes auto, yes or no, not "$enable_hugepage"])])
AC_DEFINE_UNQUOTED([DATAMEM_DEFAULT_HUGEPAGE], ["$datamem_hugepage"],
	[The built-in default of the setting `hugepage`: auto, on or off.])
AC_DEFINE_UNQUOTED([DATAMEM_ENABLE_HUGEPAGE], ["$enable_hugepage"],
	[What configure was given: --enable-hugepage=auto, yes or no.])
])
