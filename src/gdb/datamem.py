# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""gdb looks into libdatamem: in a process that is stopped, or a core dump.

    datamem block ADDRESS    which block holds it
    datamem summary          what is in use, kept and mapped
    datamem runs             what lies in the arena, in the order of addresses

Only reads memory. Needs the library's debug information.
"""

import gdb

GRANULE_SHIFT = 12
SPAN_SHIFT = 16
TAG_BYTES = 16
LEN_MASK = (1 << 30) - 1
# Tags that are read at once when the beginning of a run is looked for.
LOOK_BACK = 4096


def global_symbol(name):
    symbol = gdb.lookup_global_symbol(name)
    if symbol is None or symbol.symtab is None:
        raise gdb.GdbError(f"no {name}: libdatamem, or its debug "
                           "information, is not loaded")
    return symbol


def global_value(name):
    return global_symbol(name).value()


def static_value(function, name):
    """A variable of the file that a function of the library is in."""
    for symbol in global_symbol(function).symtab.static_block():
        if symbol.name == name:
            return symbol.value()
    raise gdb.GdbError(f"no {name} beside {function}: another libdatamem")


def read(address, nbytes):
    return bytes(gdb.selected_inferior().read_memory(address, nbytes))


def size_text(nbytes):
    for unit, shift in (("G", 30), ("M", 20), ("K", 10)):
        if nbytes >= 1 << shift:
            text = f"{nbytes / (1 << shift):.1f}"
            return text.removesuffix(".0") + unit
    return str(nbytes)


class Tag:
    """What is said of the run that begins at a granule (arena/window.h)."""

    def __init__(self, raw):
        word, self.back = (int.from_bytes(raw[i:i + 4], "little")
                           for i in (0, 4))
        block = int.from_bytes(raw[8:16], "little")
        self.len = word & LEN_MASK
        self.used = bool(word >> 30 & 1)
        self.nbytes = block & (1 << 47) - 1
        self.phase = block >> 47 & 0x3f
        self.align = block >> 53 & 0x1f
        self.gone = bool(block >> 61 & 1)
        self.apart = bool(block >> 63 & 1)


class Arena:
    """The window and its tables; chunks are numbered through all regions."""

    def __init__(self):
        window = global_value("dmem_window")
        self.base = int(window["base"])
        self.extent = int(window["extent"])
        self.size = int(window["size"])
        self.tags = int(window["tags"])
        self.classes = int(window["classes"])
        self.chunks = window["chunks"]
        self.chunk_shift = int(window["chunk_shift"])
        regions = global_value("dmem_regions")
        self.regions = [
            (int(regions[i]["base"]), int(regions[i]["first"]),
             int(regions[i]["extent"]))
            for i in range(int(global_value("dmem_regions_count")))]

    def offset(self, address):
        for base, first, extent in self.regions:
            if base <= address < base + extent:
                return first + address - base
        return None

    def address(self, offset):
        for base, first, extent in self.regions:
            if first <= offset < first + extent:
                return base + offset - first
        return 0

    def size_class(self, offset):
        return read(self.classes + (offset >> SPAN_SHIFT), 1)[0]

    def read_tags(self, first, count):
        return read(self.tags + first * TAG_BYTES, count * TAG_BYTES)

    def run_of(self, offset):
        """The granule where the run that holds it begins, and its tag."""
        granule = offset >> GRANULE_SHIFT
        end = granule + 1
        while end > 0:
            begin = max(0, end - LOOK_BACK)
            raw = self.read_tags(begin, end - begin)
            for i in range(end - begin - 1, -1, -1):
                tag = Tag(raw[i * TAG_BYTES:(i + 1) * TAG_BYTES])
                if tag.len:
                    return begin + i, tag
            end = begin
        return None, None

    def each_run(self):
        for _, first, extent in self.regions:
            granule = first >> GRANULE_SHIFT
            end = (first + extent) >> GRANULE_SHIFT
            while granule < end:
                tag = Tag(self.read_tags(granule, 1))
                if not tag.len:
                    granule += 1
                    continue
                yield granule, tag
                granule += tag.len


def slab_block(arena, offset):
    """(start, size, free) of a small block."""
    chunk = arena.chunks[offset >> arena.chunk_shift]
    spans = 1 << (arena.chunk_shift - SPAN_SHIFT)
    slab = chunk["slabs"]["slabs"][(offset >> SPAN_SHIFT) % spans]
    back = int(slab["back"])
    if back:
        slab = chunk["slabs"]["slabs"][(offset >> SPAN_SHIFT) % spans - back]
    size = int(global_value("dmem_classes")[int(slab["cls"])]["size"])
    start = int(slab["span"]) << SPAN_SHIFT
    index = (offset - start) // size
    free = int(slab["free"][index // 64]) >> index % 64 & 1
    return start + index * size, size, bool(free)


def in_caches(address):
    """Whether a block is free in a thread's cache (cache/threads.h)."""
    roster = global_value("dmem_roster")
    for name in ("first", "forked"):
        thread = roster[name]
        while int(thread):
            bins = thread["own"]["bin"]
            low, high = bins.type.range()
            for i in range(max(low, 1), high + 1):
                top = int(bins[i]["top"])
                limit = int(bins[i]["limit"])
                first = top
                # Below the first is NULL.
                while first > limit - 129 * 8:
                    block = int.from_bytes(read(first - 8, 8), "little")
                    if not block:
                        break
                    if block == address:
                        return True
                    first -= 8
            thread = thread["next"]
    return False


def guarded_block(address):
    """The record of a guarded block (guard/blocks.h), or None."""
    blocks = static_value("dmem_blocks_open", "blocks")
    if not int(blocks["records"]):
        return None
    for i in range(int(blocks["used"])):
        record = blocks["records"][i]
        begin = int(record["map"])
        if int(record["state"]) and begin <= address < begin + int(
                record["mapped"]):
            return record
    return None


def place(address):
    """Where code is: function, file and line as far as gdb knows."""
    symbol = gdb.execute(f"info symbol {address}", to_string=True).strip()
    symbol = symbol.split(" in section ")[0]
    if symbol.startswith("No symbol"):
        symbol = ""
    line = gdb.find_pc_line(address)
    if line.symtab is not None:
        symbol += f", {line.symtab.filename}:{line.line}"
    return f"{address:#x} {symbol}"


def print_stack(what, stack):
    print(f"{what} by thread {int(stack['tid'])}:")
    for i in range(int(stack["depth"])):
        print(f"  #{i} {place(int(stack['frames'][i]) - 1)}")


def print_guarded(address, record):
    start = int(record["start"])
    nbytes = int(record["nbytes"])
    state = int(record["state"])
    print(f"{address:#x}: byte {address - start} of a guarded block of "
          f"{nbytes} bytes at {start:#x}, "
          f"{'freed' if state > 2 else 'in use'}")
    print_stack("allocated", record["made"])
    if state > 2:
        print_stack("freed", record["freed"])


def sample_of(start):
    """The sample of a block and the tables that it is in (profile-page.h)."""
    base = int(static_value("dmem_tables_show", "file"))
    if not base:
        return None
    header = gdb.Value(base).cast(
        gdb.lookup_type("struct profile_header").pointer()).dereference()
    sample = gdb.lookup_type("struct profile_sample").pointer()
    samples = gdb.Value(base + int(header["samples_offset"])).cast(sample)
    for i in range(int(header["samples_used"])):
        if int(samples[i]["address"]) == start:
            return header, base, samples[i]
    return None


def print_sample(start):
    found = sample_of(start)
    if not found:
        return
    header, base, sample = found

    def entry(kind, offset, index):
        pointer = gdb.lookup_type(f"struct profile_{kind}").pointer()
        return gdb.Value(base + int(header[offset])).cast(pointer)[index]

    def text(offset):
        at = base + int(header["strings_offset"]) + offset
        return gdb.Value(at).cast(gdb.lookup_type("char").pointer()).string()

    stack = entry("stack", "stacks_offset", int(sample["stack"]))
    print(f"allocated by thread {int(sample['tid'])}, handler "
          f"{text(int(stack['handler']))}:")
    first = int(stack["frames_first"])
    natives = int(stack["natives"])
    for i in range(natives + int(stack["pythons"])):
        frame = entry("frame", "frames_offset", first + i)
        if i < natives:
            print(f"  #{i} {place(int(frame['u']['address']) - 1)}")
        else:
            python = frame["u"]["python"]
            print(f"  #{i} {text(int(python['function']))}, "
                  f"{text(int(python['file']))}:{int(frame['line'])}")


def print_small(arena, address, offset):
    start, size, free = slab_block(arena, offset)
    begin = arena.address(start)
    state = "in use"
    if free:
        state = "free"
    elif in_caches(begin):
        state = "free, in a thread's cache"
    print(f"{address:#x}: byte {address - begin} of a block of {size} bytes "
          f"at {begin:#x}, {state}")


def print_large(arena, address, offset):
    granule, tag = arena.run_of(offset)
    if tag is None:
        print(f"{address:#x}: in the arena, but in no run")
        return
    begin = arena.address(granule << GRANULE_SHIFT)
    length = tag.len << GRANULE_SHIFT
    if not tag.used:
        print(f"{address:#x}: free memory of {size_text(length)} at "
              f"{begin:#x}")
        return
    if tag.gone:
        print(f"{address:#x}: {size_text(length)} at {begin:#x}, of a block "
              "that was freed last, or of slabs")
        return
    start = begin + tag.phase * 64
    handler = "datamem" if tag.apart else "default_allocator"
    where = (f"byte {address - start} of" if start <= address <
             start + tag.nbytes else "beside")
    print(f"{address:#x}: {where} a block of {tag.nbytes} bytes at "
          f"{start:#x}, in use, handler {handler}")
    print_sample(start)



class Datamem(gdb.Command):
    """Memory of libdatamem: block ADDRESS, summary, runs."""

    def __init__(self):
        super().__init__("datamem", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class Block(gdb.Command):
    """datamem block ADDRESS: which block of libdatamem holds an address.

Says its size, its handler where the block itself knows that, and where it was
allocated if it is guarded or sampled."""

    def __init__(self):
        super().__init__("datamem block", gdb.COMMAND_DATA,
                         gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("datamem block ADDRESS")
        value = gdb.parse_and_eval(argument)
        if value.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY:
            value = value.address
        address = int(value) & (1 << 64) - 1
        record = guarded_block(address)
        if record is not None:
            print_guarded(address, record)
            return
        arena = Arena()
        offset = arena.offset(address)
        if offset is None:
            print_other(address)
        elif arena.size_class(offset):
            print_small(arena, address, offset)
        else:
            print_large(arena, address, offset)


def print_other(address):
    print(f"{address:#x}: not in the arena of libdatamem (a block larger than "
          "512G, of another handler, or of somebody else)")


class Summary(gdb.Command):
    """datamem summary: what libdatamem has in use, keeps, and has mapped."""

    def __init__(self):
        super().__init__("datamem summary", gdb.COMMAND_DATA,
                         gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        numbers = global_value("dmem_live").dereference()["numbers"]
        arena = global_value("dmem_arena")
        runs = list(Arena().each_run())
        used = sum(tag.len for _, tag in runs if tag.used) << GRANULE_SHIFT
        free = sum(tag.len for _, tag in runs if not tag.used) << GRANULE_SHIFT
        rows = [
            ("in use and in caches", int(static_value("dmem_limit_charge", "charged")["nbytes"])),
            ("peak", int(numbers["peak_bytes"])),
            ("blocks above 128 KiB", int(arena["large_bytes"])),
            ("runs of the arena in use", used),
            ("free memory in the arena", free),
            ("mapped for blocks", int(global_value("dmem_window")["mapped"])),
            ("guarded blocks", int(numbers["guarded_bytes"])),
        ]
        for name, nbytes in rows:
            print(f"{size_text(nbytes):>8}  {name}")
        for name in ("double_frees", "foreign_pointers", "overruns",
                     "uses_after_free", "guard_reports", "failed_allocs"):
            if int(numbers[name]):
                print(f"{int(numbers[name]):>8}  {name}")


class Runs(gdb.Command):
    """datamem runs: the arena from its lowest address on, a line a run."""

    def __init__(self):
        super().__init__("datamem runs", gdb.COMMAND_DATA, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        arena = Arena()
        print(f"{'ADDRESS':<18} {'LENGTH':>8} {'BLOCK':>12}  WHAT")
        for granule, tag in arena.each_run():
            offset = granule << GRANULE_SHIFT
            nbytes = ""
            what = "free"
            if tag.used and arena.size_class(offset):
                what = "small blocks"
            elif tag.used and tag.gone:
                what = "slabs, or freed last"
            elif tag.used:
                what = "datamem" if tag.apart else "default_allocator"
                nbytes = tag.nbytes
            print(f"{arena.address(offset):<#18x} "
                  f"{size_text(tag.len << GRANULE_SHIFT):>8} {nbytes:>12}  "
                  f"{what}")


Datamem()
Block()
Summary()
Runs()
