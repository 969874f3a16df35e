dnl SPDX-License-Identifier: BSD-3-Clause
dnl Copyright (C) 2026 The libdatamem authors

dnl DATAMEM_APPEND_FLAG(VARIABLE, FLAG)
dnl
dnl Append a compiler flag that the compiler takes without a warning.
AC_DEFUN([DATAMEM_APPEND_FLAG], [
AS_VAR_PUSHDEF([datamem_var], [datamem_cv_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [datamem_var], [
	datamem_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
		[AS_VAR_SET([datamem_var], [yes])],
		[AS_VAR_SET([datamem_var], [no])])
	CFLAGS=$datamem_saved_cflags])
AS_VAR_IF([datamem_var], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([datamem_var])
])

dnl WARN_CFLAGS, FRAME_CFLAGS, --enable-werror, --enable-lock-ranks,
dnl --enable-sanitizers=LIST
AC_DEFUN([DATAMEM_WARNINGS], [
WARN_CFLAGS=
m4_map_args_w([
	-Wall -Wextra -Wshadow -Wundef -Wvla -Wpointer-arith
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
	-Wmissing-declarations -Wredundant-decls -Wnested-externs
	-Wformat=2 -Wlogical-op -Wduplicated-cond -Wimplicit-fallthrough
], [DATAMEM_APPEND_FLAG([WARN_CFLAGS],], [)])

AC_ARG_ENABLE([werror],
	[AS_HELP_STRING([--enable-werror],
		[make warnings errors, for developers])],
	[], [enable_werror=no])
AS_CASE([$enable_werror],
	[yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"],
	[no], [],
	[AC_MSG_ERROR([--enable-werror takes yes or no, not "$enable_werror"])])
AC_SUBST([WARN_CFLAGS])

AC_ARG_ENABLE([lock-ranks],
	[AS_HELP_STRING([--enable-lock-ranks],
		[check the order of locks at run time, for developers])],
	[], [enable_lock_ranks=no])
AS_CASE([$enable_lock_ranks],
	[yes], [AC_DEFINE([DMEM_LOCK_RANKS], [1],
		[Define to 1 to check the order of locks at run time.])],
	[no], [],
	[AC_MSG_ERROR([--enable-lock-ranks takes yes or no, not "$enable_lock_ranks"])])

AC_ARG_ENABLE([sanitizers],
	[AS_HELP_STRING([--enable-sanitizers=LIST],
		[build all with -fsanitize=LIST, as in address,undefined, for
		 work on the library itself])],
	[], [enable_sanitizers=no])
SANITIZER_CFLAGS=
AS_CASE([$enable_sanitizers],
	[no], [],
	[yes|""], [AC_MSG_ERROR([--enable-sanitizers needs a list, as in address,undefined])],
	[*[[!a-z,-]]*], [AC_MSG_ERROR([--enable-sanitizers: "$enable_sanitizers" is no list of sanitizers])],
	[SANITIZER_CFLAGS="-fsanitize=$enable_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
	AC_MSG_CHECKING([whether $CC links with $SANITIZER_CFLAGS])
	datamem_saved_cflags=$CFLAGS
	CFLAGS="$CFLAGS $SANITIZER_CFLAGS"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-sanitizers: the compiler cannot do "$enable_sanitizers"])])
	CFLAGS=$datamem_saved_cflags
	AC_DEFINE([DMEM_SANITIZED], [1],
		[Define to 1 in builds with sanitizers, which test the arena:
		 it serves without being asked for.])])
AC_SUBST([SANITIZER_CFLAGS])

dnl The library runs on the stacks of others; sanitizers have larger frames.
FRAME_CFLAGS=
AS_IF([test "$enable_sanitizers" = no],
	[DATAMEM_APPEND_FLAG([FRAME_CFLAGS], [-Wframe-larger-than=1024])])
AC_SUBST([FRAME_CFLAGS])
])
