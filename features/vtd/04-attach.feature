@area:attach @needs:iommu @needs:nesting
Feature: What a guest says of its first stage is checked when a device is attached

  A nested domain is made for no unit in particular: what it asks for is compared with the unit of each device that is attached to it.

  @rule:VTDN-ATT-01 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: A guest's addresses have 48 bits, or 57: an attach to a domain of any other width is refused with EINVAL

    Source: Lu Baolu, "[PATCH v4 04/12] iommu/vt-d: Add helper to setup pasid nested translation", 24 July 2023 "Invalid guest address width"

    Scenario Outline: <width> bits are <answer>
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | <width> |
      Then attaching d1 to B is <answer>

      Examples:
        | width       | answer              |
        | 48          | accepted            |
        | 57          | accepted            |
        | 0           | refused with EINVAL |
        | 38          | refused with EINVAL |
        | 39          | refused with EINVAL |
        | 47          | refused with EINVAL |
        | 49          | refused with EINVAL |
        | 56          | refused with EINVAL |
        | 58          | refused with EINVAL |
        | 0xffff_ffff | refused with EINVAL |

    @needs:pasid
    Example: and so for requests with a PASID
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | 49 |
      When the driver attaches d1 with PASID 5 to B, refused with EINVAL
      Then d1 with PASID 5 reading 0x1008 faults with cause 0x59

  @rule:VTDN-ATT-02 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: Addresses of 57 bits need a unit whose first stages have five levels, else an attach is refused with EINVAL

    Source: Lu Baolu, "[PATCH v4 04/12] iommu/vt-d: Add helper to setup pasid nested translation", 24 July 2023 "5-level paging not supported"

    Scenario Outline: <width> bits on a unit without are <answer>
      Given IOMMU 0 has no FL5LP
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | <width> |
      Then attaching d1 to B is <answer>

      Examples:
        | width | answer              |
        | 48    | accepted            |
        | 57    | refused with EINVAL |

    Example: the unit that counts is that of the device, not that which the domain was made for
      Given there are 2 IOMMUs
      And IOMMU 1 has no FL5LP
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | 57 |
      And the driver attaches d1 to B
      Then attaching d2 to B is refused with EINVAL

  @rule:VTDN-ATT-03 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: SRE needs a unit that takes requests of supervisors, and EAFE one with extended accessed flags, else an attach is refused with EINVAL

    Source: Lu Baolu, "[PATCH v4 04/12] iommu/vt-d: Add helper to setup pasid nested translation", 24 July 2023 "No supervisor request support on"

    Scenario Outline: <flags> on a unit without <lack> is <answer>
      Given IOMMU 0 has no <lack>
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | flags | <flags> |
      Then attaching d1 to B is <answer>

      Examples:
        | flags    | lack | answer              |
        | SRE      | SRS  | refused with EINVAL |
        | SRE WPE  | SRS  | refused with EINVAL |
        | EAFE     | SRS  | accepted            |
        | EAFE     | EAFS | refused with EINVAL |
        | SRE EAFE | EAFS | refused with EINVAL |
        | SRE WPE  | EAFS | accepted            |

  @rule:VTDN-ATT-04 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: WPE reaches the entry together with SRE, and not alone

    Source: Lu Baolu, "[PATCH v4 04/12] iommu/vt-d: Add helper to setup pasid nested translation", 24 July 2023 "if (s1_cfg->flags & IOMMU_VTD_S1_WPE)"

    Scenario Outline: <flags> gives SRE <SRE> and WPE <WPE>
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | flags | <flags> |
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.SRE <SRE>
      And the device context of d1 has pasid.WPE <WPE>

      Examples:
        | flags    | SRE | WPE |
        | SRE      | 1   | 0   |
        | WPE      | 0   | 0   |
        | SRE WPE  | 1   | 1   |
        | WPE EAFE | 0   | 0   |

  @rule:VTDN-ATT-05 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: What the domain asks for is checked before the entry is looked for, and an entry that is present is not overwritten

    Source: Lu Baolu, "[PATCH v4 04/12] iommu/vt-d: Add helper to setup pasid nested translation", 24 July 2023 "if (pasid_pte_is_present(pte))"

    Scenario Outline: <fault> on a device that is attached already is refused with <errno>
      Given IOMMU 0 has no SRS, EAFS
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And the driver allocates nested domain C for d1 on A, from:
        | <field> | <value> |
      When the driver attaches d1 to C, refused with <errno>
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | fault        | field      | value     | errno  |
        | a width      | addr_width | 50        | EINVAL |
        | SRE          | flags      | SRE       | EINVAL |
        | EAFE         | flags      | EAFE      | EINVAL |
        | nothing more | pgtbl_addr | 0x20_0000 | EBUSY  |

    @needs:pasid
    Example: a width and no memory for the entry
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | addr_width | 50 |
      And the next allocation fails
      Then attaching d1 with PASID 74565 to B is refused with EINVAL

    @needs:pasid
    Example: an entry of a PASID
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x20_0000
      And the driver attaches d1 with PASID 5 to B
      When the driver attaches d1 with PASID 5 to C, refused with EBUSY
      Then d1 with PASID 5 reading 0x1008 reaches PA 0x8000_0008

    Example: of two attaches at once, the other finds the entry present
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then of attaching d1 to B and attaching d1 to A at once, one succeeds and the other is refused with EBUSY

  @rule:VTDN-ATT-06 @kind:patch
  Rule: That a unit cannot nest is refused in a way of its own

    Source: Lu Baolu, "[PATCH v4 04/12] iommu/vt-d: Add helper to setup pasid nested translation", 24 July 2023 "No nested translation support"

    Scenario Outline: in <version>, it is <answer>
      Given there are 2 IOMMUs
      And IOMMU 1 has no NEST
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d2 to B is <answer>

      @profile:vtd-v4
      Examples:
        | version  | answer              |
        | series 4 | refused with ENODEV |

      @profile:vtd-mainline
      Examples:
        | version      | answer              |
        | the mainline | refused with EINVAL |

  @rule:VTDN-ATT-07 @kind:patch
  Rule: The second stage has to suit the device's unit, else an attach is refused with EINVAL

    Source: Yi Liu, "[PATCH v4 06/12] iommu/vt-d: Set the nested domain to a device", 24 July 2023 "Is s2_domain compatible with this IOMMU?"

    Scenario Outline: a unit with <part> is <answer>
      Given there are 2 IOMMUs
      And IOMMU 1 has <part>
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the driver attaches d2 to B, <answer>
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | part   | answer   |
        | no PRS | accepted |

      @profile:vtd-mainline
      Examples:
        | part                                | answer              |
        | addresses of 48 bits                | refused with EINVAL |
        | second-stage pages of at most 2 MiB | refused with EINVAL |
        | second-stage pages of at most 4 KiB | refused with EINVAL |
        | no SMPWC                            | refused with EINVAL |
        | caching mode                        | refused with EINVAL |
        | a write buffer                      | refused with EINVAL |

    Scenario Outline: a unit that walks tables of at most 4 levels is <answer> where they have <levels>
      Given there are 2 IOMMUs
      And IOMMU 0 has addresses of 48 bits
      And IOMMU 0 has second-stage tables of <levels> levels
      And IOMMU 1 has addresses of 48 bits
      And IOMMU 1 has second-stage tables of 3, 4 levels
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d2 to B is <answer>

      @profile:vtd-mainline
      Examples:
        | levels | answer              |
        | 4      | accepted            |
        | 5      | refused with EINVAL |

    Scenario Outline: a second stage that makes accesses snoop, <where>, is <answer>
      Given there are 2 IOMMUs
      And IOMMU 1 has <part>
      And d2 is behind IOMMU 1
      And a nest parent A for d1
      And the driver can enforce coherency in A
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d2 to B is <answer>

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | where          | part   | answer              |
        | as both can    | no PRS | accepted            |
        | and one cannot | no SC  | refused with EINVAL |

    Scenario Outline: a second stage that notes what is written to, <where>, is <answer>
      Given there are 2 IOMMUs
      And IOMMU 1 has <part>
      And d2 is behind IOMMU 1
      And a nest parent A for d1 with flags 0x2
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d2 to B is <answer>

      @profile:vtd-mainline
      Examples:
        | where          | part     | answer              |
        | as both can    | no PRS   | accepted            |
        | and one cannot | no SLADS | refused with EINVAL |
