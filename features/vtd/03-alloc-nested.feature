@area:alloc @needs:iommu @needs:nesting
Feature: Allocating a guest's first stage

  @rule:VTDN-ALLOC-01 @kind:patch
  Rule: A first stage of a guest needs a unit in scalable mode that nests, else it is refused with EOPNOTSUPP

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "support nested translation"

    Scenario Outline: for a device behind a unit with <part>
      Given there are 2 IOMMUs
      And IOMMU 1 has <part>
      And d2 is behind IOMMU 1
      And a nest parent A for d1
      When the driver allocates nested domain B for d2 on A, refused with EOPNOTSUPP, from:
        | addr_width | 48 |
      Then allocating nested domain C for d1 on A is accepted

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | part             |
        | no NEST          |
        | no scalable mode |

    Scenario Outline: with flags <flags> it is <answer>
      Given a nest parent A for d1
      Then allocating nested domain B for d1 on A with flags <flags> is <answer>

      @profile:vtd-mainline
      Examples:
        | flags       | answer                  |
        | 0x8         | accepted                |
        | 0x1         | refused with EOPNOTSUPP |
        | 0x2         | refused with EOPNOTSUPP |
        | 0x4         | refused with EOPNOTSUPP |
        | 0x9         | refused with EOPNOTSUPP |
        | 0x10        | refused with EOPNOTSUPP |
        | 0x8000_0000 | refused with EOPNOTSUPP |

  @rule:VTDN-ALLOC-02 @kind:patch @profile:vtd-mainline
  Rule: What the unit can do and the type of the data come first, then the parent, then the copy, and memory last

    Source: Linux at 3daee2e4b356, drivers/iommu/intel/nested.c "if (user_data->type != IOMMU_HWPT_DATA_VTD_S1)"

    Example: a unit that does not nest, and an unfit parent
      Given there are 2 IOMMUs
      And IOMMU 1 has no NEST
      And d2 is behind IOMMU 1
      And a domain A for d2
      Then allocating nested domain B for d2 on A is refused with EOPNOTSUPP

    Example: unknown flags, and an unfit parent
      Given a domain A for d1
      Then allocating nested domain B for d1 on A with flags 0x10 is refused with EOPNOTSUPP

    Scenario Outline: <what>
      Given a nest parent A for d1
      And an identity domain C for d1
      Then the driver allocates nested domain B for d1 on <parent>, refused with <errno>, from:
        | <first>  | 2  |
        | <second> | 23 |

      Examples:
        | what                           | parent | first     | second    | errno      |
        | type and parent                | C      | (type)    | (type)    | EOPNOTSUPP |
        | type and address, fit parent   | A      | (type)    | (address) | EOPNOTSUPP |
        | type and length, fit parent    | A      | (type)    | (length)  | EOPNOTSUPP |
        | parent and address             | C      | (address) | (address) | EINVAL     |
        | type, with parent and address  | C      | (type)    | (address) | EOPNOTSUPP |
        | length and address, fit parent | A      | (address) | (length)  | EINVAL     |
        | nothing but the address        | A      | (address) | (address) | EFAULT     |

    Scenario Outline: <what>, and no memory
      Given a nest parent A for d1
      And the next allocation fails
      Then the driver allocates nested domain B for d1 on A, refused with <errno>, from:
        | <field> | <value> |

      Examples:
        | what        | field      | value | errno      |
        | the type    | (type)     | 2     | EOPNOTSUPP |
        | the length  | (length)   | 23    | EINVAL     |
        | the address | (address)  | bad   | EFAULT     |
        | nothing     | addr_width | 48    | ENOMEM     |

    Example: of a domain that there is no memory for, nothing is left
      Given a nest parent A for d1
      Then allocating nested domain B for d1 on A leaves no trace, whichever allocation fails

  @rule:VTDN-ALLOC-03 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: A parent is a second stage that was made to be one, else the domain is refused with EINVAL

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "as parent domain of a nested domain"

    Scenario Outline: <which> is none
      Given <which> A for d1
      And a nest parent P for d1
      When the driver allocates nested domain B for d1 on A, refused with EINVAL, from:
        | addr_width | 48 |
      Then the driver frees A
      And allocating nested domain C for d1 on P is accepted

      Examples:
        | which                  |
        | a domain               |
        | a domain for PASIDs    |
        | a dirty-tracked domain |
        | an identity domain     |
        | a blocked domain       |

    Example: a guest's first stage is none
      Given a nest parent A for d1
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then allocating nested domain C for d1 on B is refused with EINVAL

    Example: what is not there any more is none
      Given a nest parent A for d1
      And the driver frees A
      Then allocating nested domain B for d1 on A is refused with EINVAL

    Scenario Outline: a <kind> is one
      Given a <kind> A for d1 with a guest
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | addr_width | 48 |
      Then attaching d1 to B is accepted
      And the device context of d1 has pasid.PGTT nested
      And d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | kind                      |
        | nest parent               |
        | dirty-tracked nest parent |

  @rule:VTDN-ALLOC-04 @kind:review
  Rule: A parent keeps its levels, whatever a unit below its nested domains lacks

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "Do not trim the higher page levels of S2 domain"

    Scenario Outline: in <version>, a unit that walks 3 levels is <answer>
      Given there are 2 IOMMUs
      And IOMMU 1 has second-stage tables of 3 levels
      And IOMMU 1 has addresses of 39 bits
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d2 to B, <answer>
      Then mapping 4 KiB at 0x80_0000_0000 in A to PA 0x8000_1000, read-write is <mapped>

      @profile:vtd-v3
      Examples:
        | version  | answer   | mapped              |
        | series 3 | accepted | refused with EINVAL |

      @profile:vtd-v4
      Examples:
        | version  | answer              | mapped   |
        | series 4 | refused with EINVAL | accepted |

      @profile:vtd-mainline
      Examples:
        | version      | answer              | mapped   |
        | the mainline | refused with EINVAL | accepted |

    Scenario Outline: <who> goes on reaching what lies above
      Given there are 2 IOMMUs
      And IOMMU 1 has second-stage tables of 3 levels
      And IOMMU 1 has addresses of 39 bits
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And the driver maps 4 KiB at 0x80_0000_0000 in A to PA 0x8000_1000, read-write
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      When the driver attaches d2 to B, refused with EINVAL
      Then d1 reading 0x80_0000_0008 reaches PA 0x8000_1008

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | who            |
        | another device |

  @rule:VTDN-ALLOC-05 @kind:review @profile:vtd-v4 @profile:vtd-mainline
  Rule: Where a guest has its tables is not checked against what its parent maps: hardware checks it

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "Remove the first-stage pgd check against the maximum address of s2_domain"

    Scenario Outline: tables at <where>
      Given a nest parent A for d1 with a guest
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | pgtbl_addr | <gpa> |
      Then attaching d1 to B is accepted
      And d1 reading 0x1008 faults

      Examples:
        | where                                | gpa                |
        | a GPA that is not mapped             | 0x40_0000          |
        | 0                                    | 0x0                |
        | a GPA beyond 46 bits                 | 0x4000_0000_0000   |
        | the last page that an entry can hold | 0xf_ffff_ffff_f000 |

    Example: tables beyond all that a parent could map
      Given IOMMU 0 has second-stage tables of 3 levels
      And IOMMU 0 has addresses of 39 bits
      And a nest parent A for d1 with a guest
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | pgtbl_addr | 0x80_0000_0000 |
      Then attaching d1 to B is accepted
      And d1 reading 0x1008 faults

    Example: and finds them when they are mapped
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, accepted, from:
        | pgtbl_addr | 0x40_0000 |
      And the driver attaches d1 to B
      When the driver maps 16 KiB at 0x40_0000 in A to PA 0x9010_0000, read-write
      And the guest of A maps 0x1000 to GPA 0x20_0000 in its tables at GPA 0x40_0000
      Then d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:VTDN-ALLOC-09 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: What a guest asks of a unit is checked when a device is attached, and not before

    Source: Linux at 3daee2e4b356, drivers/iommu/intel/nested.c "domain->s1_cfg = vtd;"

    Scenario Outline: <field> <value>
      Given IOMMU 0 has no SRS, EAFS, FL5LP
      And a nest parent A for d1 with a guest
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | <field> | <value> |
      Then attaching d1 to B is refused with EINVAL

      Examples:
        | field      | value       |
        | addr_width | 0           |
        | addr_width | 50          |
        | addr_width | 57          |
        | addr_width | 0xffff_ffff |
        | flags      | SRE         |
        | flags      | EAFE        |

    Example: a unit that can do what the first cannot
      Given there are 2 IOMMUs
      And IOMMU 0 has no SRS, EAFS, FL5LP
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, accepted, from:
        | flags      | SRE EAFE |
        | addr_width | 57       |
      Then attaching d2 to B is accepted
