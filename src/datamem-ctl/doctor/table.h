/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The one table of what `datamem-ctl doctor` looks at. A check is a row here, a
 * function ctl_look_GROUP_WHAT(), and a paragraph of the manual.
 *
 * CHECK(group, what, SCOPE, should, reason, command, process_command)
 *
 * group, what  its name: GROUP.WHAT
 * SCOPE   MACHINE: all programs; PROGRAM: a process, or what is started here;
 *         PROCESS: only a process that was named
 * should  what it looks at, as in the manual
 * reason  of a finding, with {1} and {2}, of which the function sets the texts
 * command to run, with the same and {pid}
 * process_command  the same where a process was named; NULL: no other
 *
 * Rows are in the order in which findings are printed.
 */
#ifndef CTL_DOCTOR_TABLE_H
#define CTL_DOCTOR_TABLE_H

#define THP "/sys/kernel/mm/transparent_hugepage"

#define CTL_CHECKS(CHECK)                                                    \
CHECK(huge, support, MACHINE,                                                \
	"the kernel has transparent huge pages",                             \
	"this kernel is built without transparent huge pages",               \
	"grep TRANSPARENT_HUGEPAGE /boot/config-$(uname -r)", NULL)          \
CHECK(huge, enabled, MACHINE,                                                \
	"huge pages are on, always or for programs that ask",                \
	"transparent_hugepage/enabled is never: no program gets huge pages", \
	"echo madvise | sudo tee " THP "/enabled", NULL)                     \
CHECK(huge, size, MACHINE,                                                   \
	"the file of the huge page's own size does not switch it off",       \
	"hugepages-{1}kB/enabled is never: other sizes than that of a huge " \
	"page are of little use to large arrays",                            \
	"echo inherit | sudo tee " THP "/hugepages-{1}kB/enabled", NULL)     \
CHECK(huge, medium, MACHINE,                                                 \
	"where huge pages are larger than 32 MiB, a size up to 2 MiB is on", \
	"huge pages of {1} are too large for arrays, and all smaller sizes " \
	"are off",                                                           \
	"echo madvise | sudo tee " THP "/hugepages-{2}kB/enabled", NULL)     \
CHECK(huge, defrag, MACHINE,                                                 \
	"page faults of programs that ask wait for huge pages, others do not", \
	"transparent_hugepage/defrag is {1}: {2}",                           \
	"echo madvise | sudo tee " THP "/defrag", NULL)                      \
CHECK(huge, fragments, MACHINE,                                              \
	"free memory has pieces as large as a huge page",                    \
	"no free piece of memory is as large as a huge page ({1}): page "    \
	"faults have to compact memory first",                               \
	"echo 1 | sudo tee /proc/sys/vm/compact_memory", NULL)               \
CHECK(huge, test, MACHINE,                                                   \
	"huge pages that are configured arrive (a small mapping is touched)", \
	"huge pages are configured, but a test got none: {1}",               \
	"datamem-ctl probe", NULL)                                           \
CHECK(huge, kernel, MACHINE,                                                 \
	"the kernel is one whose huge pages the library uses by itself",     \
	"the library does not advise on kernel {1} by itself",               \
	"export DATAMEM_HUGEPAGE=on", NULL)                                  \
CHECK(huge, prctl, PROGRAM,                                                  \
	"huge pages are not disabled for the process (prctl)",               \
	"PR_SET_THP_DISABLE is set: it is inherited, so a program that "     \
	"started this one has called it",                                    \
	"pstree -sp $$", "pstree -sp {pid}")                                 \
CHECK(huge, setting, PROGRAM,                                                \
	"the setting hugepage is not off",                                   \
	"the setting hugepage is off: arrays lie in small pages",            \
	"export DATAMEM_HUGEPAGE=auto",                                      \
	"datamem-ctl set {pid} hugepage=auto")                               \
CHECK(huge, share, PROCESS,                                                  \
	"half of the resident memory of blocks, or more, is in huge pages",  \
	"only {1} of {2} of its resident blocks are in huge pages",          \
	"datamem-ctl probe", NULL)                                           \
CHECK(khugepaged, defrag, MACHINE,                                           \
	"khugepaged may compact memory",                                     \
	"khugepaged/defrag is 0: what is in small pages stays there when "   \
	"memory is fragmented",                                              \
	"echo 1 | sudo tee " THP "/khugepaged/defrag", NULL)                 \
CHECK(khugepaged, scan, MACHINE,                                             \
	"khugepaged works at all",                                           \
	"khugepaged/pages_to_scan is 0: nothing becomes huge later",         \
	"echo 4096 | sudo tee " THP "/khugepaged/pages_to_scan", NULL)       \
CHECK(khugepaged, none, MACHINE,                                             \
	"khugepaged may collapse pages that are not full",                   \
	"khugepaged/max_ptes_none is 0: one page that was never written "    \
	"keeps all of a huge page small",                                    \
	"echo {1} | sudo tee " THP "/khugepaged/max_ptes_none", NULL)        \
CHECK(glibc, advice, PROGRAM,                                                \
	"the C library does not ask for huge pages for malloc by itself",    \
	"glibc {1} may ask for huge pages for all of malloc: small programs " \
	"grow by tens of megabytes, and arrays have fewer to get",           \
	"export GLIBC_TUNABLES=glibc.malloc.hugetlb=0", NULL)                \
CHECK(glibc, hugetlb, PROGRAM,                                               \
	"GLIBC_TUNABLES does not give malloc huge pages",                    \
	"glibc.malloc.hugetlb={1}: {2}",                                     \
	"unset GLIBC_TUNABLES",                                              \
	"tr '\\0' '\\n' < /proc/{pid}/environ | grep GLIBC_TUNABLES")        \
CHECK(glibc, debug, PROGRAM,                                                 \
	"malloc's own checks are off (GLIBC_TUNABLES, MALLOC_CHECK_, "       \
	"MALLOC_PERTURB_)",                                                  \
	"{1} is set: each malloc and free of the C library pays for it",     \
	"unset {2}",                                                         \
	"tr '\\0' '\\n' < /proc/{pid}/environ | grep -i malloc")             \
CHECK(cgroup, peak, PROCESS,                                                 \
	"the peak of the process is below 3/4 of its memory limit",          \
	"its peak of {1} comes near the memory limit in {2}",                \
	"datamem-ctl set {pid} retain.max=0", NULL)                          \
CHECK(cgroup, used, PROGRAM,                                                 \
	"the memory that the cgroup cannot give back is below 3/4 of the limit", \
	"{1} of anonymous memory come near the limit: beyond it the kernel " \
	"kills",                                                             \
	"cat {2}", NULL)                                                     \
CHECK(cgroup, kills, PROGRAM,                                                \
	"the kernel has killed nothing in the cgroup for its limit",         \
	"the kernel has killed {1} in this cgroup, because its limit was "   \
	"reached",                                                           \
	"cat {2}", NULL)                                                     \
CHECK(memory, overcommit, MACHINE,                                           \
	"address space that nothing has been written to is not counted",     \
	"vm.overcommit_memory is 2: arrays count before they are written; "  \
	"{1} are promised of {2}",                                           \
	"sudo sysctl vm.overcommit_memory=0", NULL)                          \
CHECK(memory, available, MACHINE,                                            \
	"a twentieth of memory, or more, is available",                      \
	"only {1} of {2} of memory are available",                           \
	"datamem-ctl trim --all --yes", NULL)                                \
CHECK(swap, full, MACHINE,                                                   \
	"a quarter of swap, or more, is free",                               \
	"{1} of {2} of swap are in use: memory was short",                   \
	"datamem-ctl trim --all --yes", NULL)                                \
CHECK(swap, process, PROCESS,                                                \
	"less than a sixteenth of the process is in swap",                   \
	"{1} of it are in swap, {2} in memory: huge pages were split for that", \
	"datamem-ctl trim {pid}", NULL)                                      \
CHECK(maps, limit, MACHINE,                                                  \
	"vm.max_map_count is at least the kernel's default",                 \
	"vm.max_map_count is {1}, less than the kernel's 65530: moving and " \
	"purging memory needs mappings",                                     \
	"sudo sysctl vm.max_map_count=262144", NULL)                         \
CHECK(maps, used, PROCESS,                                                   \
	"the process has less than half of the mappings that are permitted", \
	"it has {1} mappings of {2}: beyond that mmap fails",                \
	"sudo sysctl vm.max_map_count=262144", NULL)                         \
CHECK(limits, address, PROGRAM,                                              \
	"the address space is not limited (RLIMIT_AS)",                      \
	"the address space is limited to {1}: kept and mapped memory counts, " \
	"written or not",                                                    \
	"ulimit -v unlimited", "sudo prlimit --pid {pid} --as=unlimited")    \
CHECK(limits, data, PROGRAM,                                                 \
	"private memory is not limited (RLIMIT_DATA)",                       \
	"private memory is limited to {1}: kept and mapped memory counts, "  \
	"written or not",                                                    \
	"ulimit -d unlimited", "sudo prlimit --pid {pid} --data=unlimited")  \
CHECK(limits, file, PROGRAM,                                                 \
	"files may be as large as a control page (RLIMIT_FSIZE)",            \
	"files are limited to {1}: a program has no control page with less " \
	"than {2}, and cannot be observed",                                  \
	"ulimit -f unlimited", "sudo prlimit --pid {pid} --fsize=unlimited") \
CHECK(numa, balancing, MACHINE,                                              \
	"on several memory nodes, the kernel does not move pages by itself", \
	"kernel.numa_balancing is on: it takes away access to arrays again " \
	"and again to see who uses them",                                    \
	"sudo sysctl kernel.numa_balancing=0", NULL)                         \
CHECK(numa, reclaim, MACHINE,                                                \
	"a node that is full takes memory from another",                     \
	"vm.zone_reclaim_mode is {1}: a full node writes out and drops pages " \
	"before it takes memory from another",                               \
	"sudo sysctl vm.zone_reclaim_mode=0", NULL)                          \
CHECK(control, page, PROCESS,                                                \
	"the process uses the library, and can be observed",                 \
	"nothing is known of its blocks: {1}",                               \
	"grep datamem /proc/{pid}/maps", NULL)                               \
CHECK(control, numbers, PROCESS,                                             \
	"its control page has all numbers that this tool knows",             \
	"its library is older than this tool and does not tell {1}",         \
	"grep libdatamem /proc/{pid}/maps", NULL)                            \
CHECK(debug, setting, PROGRAM,                                               \
	"the setting debug is none",                                         \
	"debug={1} is left on: frees are checked",                           \
	"unset DATAMEM_DEBUG", "datamem-ctl set {pid} debug=none")           \
CHECK(debug, handler, PROGRAM,                                               \
	"the handler is not debug",                                          \
	"the handler debug is left on: blocks are filled and kept for a while", \
	"unset DATAMEM_HANDLER",                                             \
	"datamem-ctl set {pid} handler=default_allocator")                   \
CHECK(debug, guard, PROGRAM,                                                 \
	"guard sampling is off",                                             \
	"guard={1} is left on: blocks of the sample lie in small pages",     \
	"unset DATAMEM_CONF", "datamem-ctl set {pid} guard=off")             \
CHECK(debug, profile, PROGRAM,                                               \
	"the profile is off",                                                \
	"profile={1} is left on: stacks are taken of sampled blocks",        \
	"unset DATAMEM_CONF", "datamem-ctl set {pid} profile=off")           \
CHECK(debug, accounts, PROCESS,                                              \
	"accounts are off",                                                  \
	"accounts are on: each block is entered in a table",                 \
	"datamem-ctl set {pid} accounts=off", NULL)                          \
CHECK(setting, waits, PROGRAM,                                               \
	"all settings are in force",                                         \
	"{1} is not in force: {2}",                                          \
	"datamem-ctl settings -o +NOTE",                                     \
	"datamem-ctl settings {pid} -o +NOTE")                               \
CHECK(blocks, misuse, PROCESS,                                               \
	"no mistakes of the program with its blocks were found",             \
	"the program has made mistakes with its blocks: {1}",                \
	"datamem-ctl set {pid} debug=warn", NULL)                            \
CHECK(blocks, refused, PROCESS,                                              \
	"no allocation has failed",                                          \
	"{1} allocations have failed, {2} of them for limit.max",            \
	"datamem-ctl stat {pid} -o FAILED,LIMIT_FAILURES,LIVE,PEAK", NULL)   \
CHECK(version, tool, MACHINE,                                                \
	"the tool runs on the library that it was built with",               \
	"this tool is of version {1}, its library of version {2}",           \
	"ldd \"$(command -v datamem-ctl)\"", NULL)                           \
CHECK(version, process, PROCESS,                                             \
	"the library of the process is of the tool's version",               \
	"its library is of version {1}, this tool of version {2}",           \
	"grep libdatamem /proc/{pid}/maps", NULL)                            \
CHECK(version, replaced, PROCESS,                                            \
	"the library of the process is still the one on disk",               \
	"its library was replaced on disk since it started: {1}",            \
	"ps -fp {pid}", NULL)

#endif /* CTL_DOCTOR_TABLE_H */
