@area:uapi @needs:iommu @needs:nesting
Feature: What user space hands in for a guest's first stage, and is told of the hardware

  @rule:VTDN-TYPE-01 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: A first stage is made from data of the type of VT-d first stages and of no other

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "IOMMU_HWPT_TYPE_VTD_S1 is defined for the Intel VT-d stage-1"

    Scenario Outline: type <type>
      Given a nest parent A for d1 with a guest
      And the driver attaches d1 to A
      When the driver allocates nested domain B for d1 on A, refused with EOPNOTSUPP, from:
        | (type) | <type> |
      Then d1 reading 0x20_0008 reaches PA 0x8000_0008

      Examples:
        | type        |
        | 0           |
        | 2           |
        | 3           |
        | 99          |
        | 0xffff_ffff |

    Example: type 1
      Given a nest parent A for d1 with a guest
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | (type) | 1 |
      And the driver attaches d1 to B
      Then d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:VTDN-TYPE-02 @kind:patch
  Rule: The type of an array of invalidations names the structure of its entries

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "it will be used in the stage-1 domain allocation and IOTLB"

    Scenario Outline: type <type> is none of them
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the guest invalidates in B, refused with EINVAL:
        | (type)      | <type>   |            |
        | addr 0x1000 | npages 1 | flags LEAF |
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | type        |
        | 2           |
        | 99          |
        | 0xffff_ffff |

    Scenario Outline: in <version>, the number of a domain's data is <answer>
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      When the guest invalidates in B, <answer>:
        | (type)      | 1        |            |
        | addr 0x1000 | npages 1 | flags LEAF |
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      @profile:vtd-v4
      Examples:
        | version  | answer   |
        | series 4 | accepted |

      @profile:vtd-mainline
      Examples:
        | version      | answer              |
        | the mainline | refused with EINVAL |

  @rule:VTDN-TYPE-03 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: The data of a first stage has 24 bytes

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "struct iommu_hwpt_vtd_s1 is defined to pass user_data"

    Scenario Outline: <length> bytes are refused
      Given a nest parent A for d1
      Then the driver allocates nested domain B for d1 on A, refused with EINVAL, from:
        | (length) | <length> |

      Examples:
        | length |
        | 0      |
        | 16     |
        | 20     |
        | 23     |
        | 25     |
        | 32     |
        | 4096   |

    Example: 24 bytes are all that there is
      Given a nest parent A for d1 with a guest
      When the driver allocates nested domain B for d1 on A, accepted, from:
        | (length) | 24 |
      And the driver attaches d1 to B
      Then d1 reading 0x1008 reaches PA 0x8000_0008

  @rule:VTDN-TYPE-04 @kind:review @profile:vtd-v4 @profile:vtd-mainline
  Rule: A guest has no say in memory types

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "Drop EMT (Tina, Jason)"

    Scenario Outline: flags <flags>
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, accepted or refused, from:
        | flags | <flags> |
      When the driver attaches d1 to B, accepted or refused
      Then the device context of d1 has pasid.EMTE 0
      And the device context of d1 has pasid.EMT 0
      And the device context of d1 has pasid.PAT 0
      And the device context of d1 has pasid.CD 0
      And the device context of d1 has pasid.PCD 0
      And the device context of d1 has pasid.PWT 0

      Examples:
        | flags                 |
        | 0                     |
        | SRE EAFE WPE          |
        | 0x8                   |
        | 0x10                  |
        | 0x20                  |
        | 0x38                  |
        | 0x8000_0000_0000_0000 |

  @rule:VTDN-INFO-01 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: The hardware information is the capability registers of the device's IOMMU as they are

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "to report iommu hardware information for Intel VT-d"

    Scenario Outline: an IOMMU that has <part>
      Given IOMMU 0 has <part>
      Then the hardware information of d1 is that of its IOMMU

      Examples:
        | part                 |
        | no NEST              |
        | no SRS, EAFS, PRS    |
        | caching mode         |
        | domain-ids of 4 bits |
        | addresses of 39 bits |

    Example: of two, that of each device
      Given there are 2 IOMMUs
      And IOMMU 1 has no SRS, EAFS
      And d2 is behind IOMMU 1
      Then the hardware information of d1 is that of its IOMMU
      And the hardware information of d2 is that of its IOMMU

  @rule:VTDN-INFO-02 @kind:observed @profile:vtd-mainline
  Rule: Asked for information of another type, a driver has none

    Source: Linux at 62622a8753fa, drivers/iommu/intel/iommu.c "if (*type != IOMMU_HW_INFO_TYPE_DEFAULT &&"

    Scenario Outline: type <type> is <answer>
      Then asking for the hardware information of d1 of type <type> is <answer>

      Examples:
        | type        | answer                  |
        | 0           | accepted                |
        | 1           | accepted                |
        | 2           | refused with EOPNOTSUPP |
        | 3           | refused with EOPNOTSUPP |
        | 99          | refused with EOPNOTSUPP |
        | 0xffff_ffff | refused with EOPNOTSUPP |

  @rule:VTDN-INFO-03 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: User space is told of erratum 772415, whether the IOMMU has it or not

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "A flag IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17 is introduced"

    Scenario Outline: before anything is mapped, with the erratum at <level> level
      Given IOMMU 0 has erratum 772415 at <level> level
      Then the hardware information of d1 is that of its IOMMU

      Examples:
        | level   |
        | the top |
        | any     |

    Example: on a part without it
      Given a nest parent A for d1
      Then the hardware information of d1 is that of its IOMMU

    Example: after a mapping that is read-only
      Given a dirty-tracked domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-only
      Then the hardware information of d1 is that of its IOMMU

  @rule:VTDN-INFO-04 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: No other flag is set in the hardware information

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "A flag IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17 is introduced"

    Example: while a guest uses its first stage
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then the hardware information of d1 is that of its IOMMU

    Example: of an IOMMU that cannot nest
      Given IOMMU 0 has no NEST
      Then the hardware information of d1 is that of its IOMMU
