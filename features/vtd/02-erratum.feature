@area:erratum @needs:iommu @needs:nesting
Feature: Erratum 772415: no read-only mapping under a nest parent

  Some parts write the accessed and dirty flags of a guest's tables into memory that the second stage has read-only. A driver keeps
  them from it by never mapping read-only what a guest's tables may lie in.

  @rule:VTDN-ERRATA-01 @kind:spec
  Rule: With the erratum, hardware writes accessed flags into first-stage tables in read-only memory

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "may ignore the stage-2 RO permission and still set the A/D"
    Excluded: it is about hardware alone; hw-models/vtd/stages-flags.test.ts holds it, off, at the top level and at any, with PWSNP 0 and 1

  @rule:VTDN-ERRATA-02 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: A user has read-only mappings, or nesting

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "either disable nested translation to favor RO stage-2 mappings"

    Example: without nesting, a mapping is read-only
      Given a dirty-tracked domain A for d1
      And the driver attaches d1 to A
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And d1 writing 0x1008 faults

    Example: beside a nested domain of another parent
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And a dirty-tracked domain C for d2
      Then mapping 4 KiB at 0x1000 in C to PA 0x8000_0000, read-only is accepted

    Example: with nesting, none is
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only is refused with EINVAL
      And 0x1000 in A is not mapped

  @rule:VTDN-ERRATA-03 @kind:review
  Rule: Once a domain is a parent of a nested domain, nothing is mapped read-only in it

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "disallow RO mapping once a domain is used as parent domain"

    Scenario Outline: from the first nested domain on, beside what is <before>
      Given a nest parent A for d1 with a guest
      And the driver maps 4 KiB at 0x2000 in A to PA 0x8000_2000, <before>
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only is refused with EINVAL
      And mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write is accepted

      @profile:vtd-v3 @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | before     |
        | read-write |
        | write-only |

    Scenario Outline: in <version>, before the first nested domain it is <answer>
      Given a nest parent A for d1
      Then mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only is <answer>

      @profile:vtd-v3
      Examples:
        | version  | answer   |
        | series 3 | accepted |

      @profile:vtd-v4
      Examples:
        | version  | answer   |
        | series 4 | accepted |

      @profile:vtd-mainline
      Examples:
        | version      | answer              |
        | the mainline | refused with EINVAL |

    Scenario Outline: what was mapped <right> stays
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver maps 4 KiB at 0x20_0000 in A to PA 0x8000_0000, read-only, refused with EINVAL
      Then d1 writing 0x1008 reaches PA 0x8000_0008
      And 0x20_0000 in A translates to PA 0x8000_0000

      @profile:vtd-v3 @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | right      |
        | read-write |

  @rule:VTDN-ERRATA-04 @kind:review
  Rule: Freeing the nested domains does not bring read-only mappings back

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "This removes the nested_users counting"

    Scenario Outline: in <version>, after the last of two it is <answer>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_0000
      And the driver frees C
      And mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only is refused with EINVAL
      When the driver frees B
      Then mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only is <answer>

      @profile:vtd-v3
      Examples:
        | version  | answer   |
        | series 3 | accepted |

      @profile:vtd-v4
      Examples:
        | version  | answer              |
        | series 4 | refused with EINVAL |

      @profile:vtd-mainline
      Examples:
        | version      | answer              |
        | the mainline | refused with EINVAL |

  @rule:VTDN-ERRATA-05 @kind:patch
  Rule: A domain with read-only mappings does not become a parent

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "armed with necessary checks to prevent such mix"

    Scenario Outline: in <version>, <why>
      Given a nest parent A for d1 with a guest
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only, accepted or refused
      Then allocating nested domain B for d1 on A is <answer>

      @profile:vtd-v3 @profile:vtd-v4
      Examples:
        | version        | why              | answer              |
        | series 3 and 4 | while it has one | refused with EINVAL |

      @profile:vtd-mainline
      Examples:
        | version      | why                       | answer   |
        | the mainline | it never comes to have one | accepted |

  @rule:VTDN-ERRATA-06 @kind:observed @profile:vtd-mainline
  Rule: A nest parent is not made above an address space that has read-only areas

    Source: Linux at 5448c1558f60, drivers/iommu/generic_pt/fmt/vtdss.h "if (pt_feature(common, PT_FEAT_VTDSS_FORCE_WRITEABLE) &&"

    Example: its read-only area is refused, and the domains that have it keep it
      Given a dirty-tracked domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only
      And the driver attaches d1 to A
      And a nest parent B for d1
      When the driver maps 4 KiB at 0x1000 in B to PA 0x8000_0000, read-only, refused with EINVAL
      Then 0x1000 in B is not mapped
      And d1 reading 0x1008 reaches PA 0x8000_0008
      And freeing B is accepted

  @rule:VTDN-ERRATA-07 @kind:observed @profile:vtd-mainline
  Rule: Whether a mapping is refused depends on the right to write, not on the right to read

    Source: Linux at 5448c1558f60, drivers/iommu/generic_pt/fmt/vtdss.h "Read-only mapping is disallowed on the domain which serves as the parent"

    Scenario Outline: <prot> is <answer>
      Given a nest parent A for d1
      Then mapping 4 KiB at 0x1000 in A to PA 0x8000_0000, <prot> is <answer>

      Examples:
        | prot       | answer              |
        | read-only  | refused with EINVAL |
        | write-only | accepted            |
        | read-write | accepted            |

  @rule:VTDN-ERRATA-08 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: Without read-only mappings the erratum changes nothing that is read-only

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "ensure no RO stage-2 mapping to enable nested translation"

    Scenario Outline: the guest's tables at <where>, erratum at <level> level
      Given IOMMU 0 has erratum 772415 at <level> level
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver unmaps 4 KiB at <gpa> in A
      And the driver maps 4 KiB at <gpa> in A to PA <pa>, read-only, accepted or refused
      Then d1 reading 0x1000 faults
      And the memory at PA <word> holds <entry>

      Examples:
        | where         | level   | gpa       | pa          | word        | entry     |
        | the top level | the top | 0x10_0000 | 0x9010_0000 | 0x9010_0000 | 0x10_1007 |
        | the top level | any     | 0x10_0000 | 0x9010_0000 | 0x9010_0000 | 0x10_1007 |
        | the leaves    | any     | 0x10_3000 | 0x9010_3000 | 0x9010_3008 | 0x20_0007 |

  @rule:VTDN-ERRATA-09 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: A read-only mapping never becomes a writable one

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "finding a way to skip RO regions"

    Scenario Outline: in a <kind>
      Given a <kind> A for d1
      And the driver attaches d1 to A
      When the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only, accepted or refused
      Then d1 writing 0x1008 faults

      Examples:
        | kind                 |
        | nest parent          |
        | dirty-tracked domain |
        | domain               |
