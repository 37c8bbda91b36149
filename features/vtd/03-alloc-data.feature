@area:alloc @needs:iommu @needs:nesting
Feature: What a guest may not say of its first stage

  @rule:VTDN-ALLOC-06 @kind:hardened @profile:vtd-mainline
  Rule: The bits of an address below a page reach no flag of the entry

    Source: Linux at 0604aa87b098, drivers/iommu/intel/pasid.c "pasid_set_bits(&pe->val[2], VTD_PAGE_MASK, value);"

    Scenario Outline: tables at <gpa>, of which <bits> would be <flags>
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, accepted, from:
        | pgtbl_addr | <gpa> |
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.FSPTPTR 0x100
      And the device context of d1 has pasid.SRE 0
      And the device context of d1 has pasid.WPE 0
      And the device context of d1 has pasid.EAFE 0
      And the device context of d1 has pasid.FSPM 4-level
      And d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | gpa       | bits       | flags             |
        | 0x10_0001 | the first  | SRE               |
        | 0x10_0004 | the third  | FSPM              |
        | 0x10_0010 | the fifth  | WPE               |
        | 0x10_0080 | the eighth | EAFE              |
        | 0x10_0091 | three      | SRE, WPE, EAFE    |
        | 0x10_0fff | all        | whatever there is |

  @rule:VTDN-ALLOC-07 @kind:hardened @profile:vtd-mainline
  Rule: Flags that have no meaning yet are refused with EOPNOTSUPP

    Source: Linux at 3daee2e4b356, drivers/iommu/intel/nested.c "domain->s1_cfg = vtd;"

    Scenario Outline: flags <flags>
      Given a nest parent A for d1
      When the driver allocates nested domain B for d1 on A, refused with EOPNOTSUPP, from:
        | flags | <flags> |
      Then allocating nested domain B for d1 on A is accepted

      Examples:
        | flags                 |
        | 0x8                   |
        | 0xf                   |
        | 0x10                  |
        | 0x1_0000_0000         |
        | 0x8000_0000_0000_0000 |

    Scenario Outline: flags <flags> have one
      Given a nest parent A for d1
      Then the driver allocates nested domain B for d1 on A, accepted, from:
        | flags | <flags> |

      Examples:
        | flags |
        | 0x0   |
        | 0x1   |
        | 0x2   |
        | 0x4   |
        | 0x7   |

  @rule:VTDN-ALLOC-08 @kind:hardened @profile:vtd-mainline
  Rule: What is reserved in the data is zero, else the domain is refused with EOPNOTSUPP

    Source: Linux at 3daee2e4b356, drivers/iommu/intel/nested.c "IOMMU_HWPT_DATA_VTD_S1, __reserved);"

    Scenario Outline: __reserved is <value>
      Given a nest parent A for d1
      When the driver allocates nested domain B for d1 on A, refused with EOPNOTSUPP, from:
        | __reserved | <value> |
      Then allocating nested domain B for d1 on A is accepted

      Examples:
        | value       |
        | 1           |
        | 0x8000_0000 |
        | 0xffff_ffff |
