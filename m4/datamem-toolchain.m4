dnl SPDX-License-Identifier: BSD-3-Clause
dnl Copyright (C) 2026 The libdatamem authors

dnl What compiler, C library and Python must give. Found by compiling and
dnl linking only, so that cross compiling works.

dnl DATAMEM_64_BIT
dnl
dnl The window of the arena takes 512 GiB of address space, and words of 64 bits
dnl are changed atomically. x32 has the registers, but not the addresses.
AC_DEFUN([DATAMEM_64_BIT], [
AC_CACHE_CHECK([whether $CC compiles for 64 bits], [datamem_cv_64_bit], [
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stddef.h>]],
		[[static char check[sizeof(void *) == 8 &&
				    sizeof(size_t) == 8 &&
				    sizeof(long) == 8 ? 1 : -1];
		(void)check;]])],
		[datamem_cv_64_bit=yes],
		[datamem_cv_64_bit=no])])
AS_IF([test "$datamem_cv_64_bit" = no],
	[AC_MSG_ERROR([libdatamem is for 64-bit systems only, and "$CC $CFLAGS" does not compile for one])])
])

dnl DATAMEM_LINKS_WITH(PREFIX, HEADER, EXPRESSION, IF-SO, IF-NOT)
dnl
dnl Whether the compiler can use what pkg-config found.
AC_DEFUN([DATAMEM_LINKS_WITH], [
AC_CACHE_CHECK([whether $CC links with $$1_LIBS],
	[datamem_cv_links_with_]m4_tolower([$1]), [
	datamem_saved_cppflags=$CPPFLAGS
	datamem_saved_libs=$LIBS
	CPPFLAGS="$CPPFLAGS $$1_CFLAGS"
	LIBS="$$1_LIBS $LIBS"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <$2>]], [[(void)($3);]])],
		[datamem_cv_links_with_]m4_tolower([$1])[=yes],
		[datamem_cv_links_with_]m4_tolower([$1])[=no])
	CPPFLAGS=$datamem_saved_cppflags
	LIBS=$datamem_saved_libs])
AS_IF([test "$datamem_cv_links_with_]m4_tolower([$1])[" = yes], [$4], [$5])
])

dnl DATAMEM_PYTHON
dnl
dnl PYTHON (: for none) and pythondir. The NumPy adapter has no compiled part;
dnl it needs Python to be of use only.
AC_DEFUN([DATAMEM_PYTHON], [
AC_ARG_WITH([python],
	[AS_HELP_STRING([--without-python],
		[do not install the NumPy adapter @<:@auto: with Python 3.9@:>@])],
	[], [with_python=auto])
AC_ARG_VAR([pythondir],
	[where the NumPy adapter goes, instead of where $PYTHON looks])
dnl automake's macro would overwrite it.
datamem_pythondir=$pythondir
AS_CASE([$datamem_pythondir],
	[""|/*|'$'*], [],
	[AC_MSG_ERROR([pythondir=$datamem_pythondir is not an absolute path])])
AS_CASE([$with_python],
	[no], [PYTHON=:],
	[auto], [AM_PATH_PYTHON([3.9], [], [PYTHON=:])],
	[yes], [AM_PATH_PYTHON([3.9], [],
		[AC_MSG_ERROR([--with-python: no Python 3.9 or newer])])],
	[AC_MSG_ERROR([--with-python takes yes or no; name an interpreter with PYTHON=...])])
AS_IF([test -n "$datamem_pythondir"], [
	AS_IF([test "$PYTHON" = :],
		[AC_MSG_ERROR([pythondir=$datamem_pythondir: the adapter is not installed without Python 3.9 or newer])])
	pythondir=$datamem_pythondir])
])
