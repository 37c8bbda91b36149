@area:order @needs:iommu @needs:nesting
Feature: What the entry of an attached device holds, and how it comes and goes

  Hardware fetches the 64 bytes of an entry in pieces, at any time, and goes on using what it fetched until it is told otherwise.

  @rule:VTDN-ATT-08 @kind:patch
  Rule: The entry of a device that is attached to a nested domain has both stages, and what each was asked for

    Source: Yi Liu, "[PATCH v4 00/12] Add Intel VT-d nested translation", 24 July 2023 "Set the nested domain to a device"

    Scenario Outline: <field> is <holds> when the user says <said>
      Given a nest parent A for d1 with a guest
      And the driver allocates nested domain B for d1 on A, from:
        | <name> | <said> |
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.<field> <holds>

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | name       | said               | field   | holds          |
        | pgtbl_addr | 0x10_0000          | P       | 1              |
        | pgtbl_addr | 0x10_0000          | FPD     | 0              |
        | pgtbl_addr | 0x10_0000          | PGTT    | nested         |
        | pgtbl_addr | 0x10_0000          | FSPTPTR | 0x100          |
        | pgtbl_addr | 0xf_ffff_ffff_f000 | FSPTPTR | 0xff_ffff_ffff |
        | pgtbl_addr | 0x10_0000          | AW      | 57             |
        | pgtbl_addr | 0x10_0000          | PWSNP   | 1              |
        | pgtbl_addr | 0x10_0000          | PGSNP   | 0              |
        | pgtbl_addr | 0x10_0000          | SSADE   | 0              |
        | addr_width | 48                 | FSPM    | 4-level        |
        | addr_width | 57                 | FSPM    | 5-level        |
        | flags      | 0                  | SRE     | 0              |
        | flags      | 0                  | EAFE    | 0              |
        | flags      | EAFE               | EAFE    | 1              |

    Scenario Outline: its domain-id is the nested domain's own
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d2 to A
      And of the DIDs only 0x77 is left
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.DID <DID>
      And d1 reading 0x1008 reaches PA 0x8000_0008

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | DID  |
        | 0x77 |

    Scenario Outline: on a unit with <part>, <field> is <holds>
      Given IOMMU 0 has <part>
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.<field> <holds>

      @profile:vtd-v4 @profile:vtd-mainline
      Examples:
        | part                 | field | holds |
        | no SMPWC             | PWSNP | 0     |
        | addresses of 48 bits | AW    | 48    |
        | addresses of 39 bits | AW    | 39    |

    Scenario Outline: where the parent makes accesses snoop, they snoop in both stages
      Given a nest parent A for d1
      And the driver can enforce coherency in A
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.PGSNP <PGSNP>

      @profile:vtd-mainline
      Examples:
        | PGSNP |
        | 1     |

    @needs:dirty-tracking
    Scenario Outline: where the parent notes what is written to, the entry has it noted
      Given a nest parent A for d1 with flags 0x2
      And the driver starts dirty tracking in A
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then the device context of d1 has pasid.SSADE <SSADE>

      @profile:vtd-mainline
      Examples:
        | SSADE |
        | 1     |

  @rule:VTDN-ATT-09 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: An entry becomes present with the last store to it, and none changes while it is present

    Source: Lu Baolu, "[PATCH v4 04/12] iommu/vt-d: Add helper to setup pasid nested translation", 24 July 2023 "pasid_set_present(pte);"

    Example: both stages where there was nothing
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 to B
      Then d1 reading 0x1008 reaches PA 0x8000_0008

    Example: a first stage where there was nothing
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      When the driver attaches d1 to A
      Then d1 reading 0x1008 reaches PA 0x8000_0008

    @needs:replace
    Example: a first stage in place of another
      Given a domain A for d1
      And the driver maps 4 KiB at 0x1000 in A to PA 0x8000_0000, read-write
      And a domain B for d1
      And the driver maps 4 KiB at 0x2000 in B to PA 0x9000_0000, read-write
      And the driver attaches d1 to A
      And d1 reads 0x1008
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x2008 reaches PA 0x9000_0008
      And d1 reading 0x1008 faults

    @needs:replace
    Example: both stages in place of both
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And a nested domain C for d1 on A with its tables at GPA 0x10_8000
      And the guest of A maps 0x1000 to GPA 0x20_1000 in its tables at GPA 0x10_8000
      And the driver attaches d1 to B
      When the driver replaces the domain of d1 by C
      Then d1 reading 0x1008 reaches PA 0x8000_1008

    @needs:replace
    Example: both stages in place of the second
      Given a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to A
      And d1 reads 0x20_0008
      When the driver replaces the domain of d1 by B
      Then d1 reading 0x1008 reaches PA 0x8000_0008
      And d1 reading 0x20_0008 faults

    @needs:pasid
    Example: both stages for a PASID
      Given d1 has PASIDs of 20 bits
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      When the driver attaches d1 with PASID 74565 to B
      Then d1 with PASID 74565 reading 0x1008 reaches PA 0x8000_0008
      And d1 with PASID 74564 reading 0x1008 faults with cause 0x59

    @needs:pasid @needs:replace
    Example: both stages in place of a first stage, for a PASID
      Given d1 has PASIDs of 20 bits
      And a domain for PASIDs C for d1
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 with PASID 5 to C
      When the driver replaces the domain of d1 with PASID 5 by B
      Then d1 with PASID 5 reading 0x1008 reaches PA 0x8000_0008

  @rule:VTDN-ATT-10 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: An entry that was not present is announced to caches that keep what is not present, or written out of buffers, or neither

    Source: Linux at 0604aa87b098, drivers/iommu/intel/pasid.c "This function flushes cache for a newly setup pasid table entry."

    Example: in caching mode it is announced
      Given IOMMU 0 has caching mode
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d1 to B gives among others the commands "pc_inv then p_iotlb_inv"

    Scenario Outline: with <part>, what was looked for in vain before is found
      Given IOMMU 0 has <part>
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And d1 reading 0x1008 faults with cause 0x59
      When the driver attaches d1 to B
      Then d1 reading 0x1008 reaches PA 0x8000_0008

      Examples:
        | part           |
        | caching mode   |
        | a write buffer |

    Scenario Outline: with <part> nothing is invalidated
      Given IOMMU 0 has <part>
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      Then attaching d1 to B gives the commands ""

      Examples:
        | part           |
        | no PRS         |
        | a write buffer |

  @rule:VTDN-ATT-13 @kind:patch @profile:vtd-v4 @profile:vtd-mainline
  Rule: An entry is torn down in the order in which caches fill each other: PASID cache, IOTLB, the device's own; by the entry's own tags

    Source: Linux at 0604aa87b098, drivers/iommu/intel/pasid.c "pasid_cache_invalidation_with_pasid(iommu, did, pasid);"

    Scenario Outline: of a <kind>, <what>
      Given d1 keeps translations of its own
      And a <kind> A for d1
      And of the DIDs only 0x77 is left
      And the driver attaches d1 to A
      Then detaching d1 from A gives among others the commands "pc_inv pasid did 0x77 pasid 0x0 then <iotlb> then dev_tlb_inv"

      Examples:
        | kind        | iotlb                      | what                  |
        | domain      | p_iotlb_inv pasid did 0x77 | the PASID is dropped  |
        | nest parent | iotlb_inv domain did 0x77  | the domain is dropped |

    Example: of a nested domain, the domain is
      Given d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And of the DIDs only 0x77 is left
      And the driver attaches d1 to B
      Then detaching d1 from B gives among others the commands "pc_inv pasid did 0x77 pasid 0x0 then iotlb_inv domain did 0x77 then dev_tlb_inv"

    @needs:identity
    Example: of an identity domain, the PASID is
      Given an identity domain A for d1
      And the driver attaches d1 to A
      Then detaching d1 from A gives among others the commands "pc_inv pasid did 0x1 pasid 0x0 then p_iotlb_inv pasid did 0x1"

    @needs:pasid
    Example: of a PASID, what the device keeps for it is
      Given d1 has PASIDs of 20 bits
      And d1 keeps translations of its own
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And of the DIDs only 0x77 is left
      And the driver attaches d1 with PASID 5 to B
      Then detaching d1 with PASID 5 from B gives among others the commands "pc_inv pasid did 0x77 pasid 0x5 then iotlb_inv domain did 0x77 then p_dev_tlb_inv"

    Scenario Outline: what a device <keeps> is not used any more
      Given d1 <keeps>
      And a nest parent A for d1 with a guest
      And a nested domain B for d1 on A with its tables at GPA 0x10_0000
      And the driver attaches d1 to B
      And d1 reads 0x1008
      When the driver detaches d1 from B
      Then d1 reading 0x1008 faults with cause 0x59
      And the device context of d1 has pasid.FSPTPTR 0

      Examples:
        | keeps                         |
        | keeps translations of its own |
        | has PASIDs of 20 bits         |
