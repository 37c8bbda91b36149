@area:identifiers @needs:hyp
Feature: What an identifier may be, and what it stays

  @rule:PKVM-ID-13 @kind:patch @needs:domain-table
  Rule: The root is indexed by the id bits above the split, the leaf by the bits below

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Bits [16:split] index the root table"

    Scenario Outline: id <id> is where the layout says, pages of <page>
      Given the hypervisor has pages of <page>
      And the back end is scripted
      When the host allocates domain <id>
      Then domain <id> has 1 reference
      And domain <neighbour> has 0 references

      Examples:
        | page   | id     | neighbour |
        | 4 KiB  | 0      | 1         |
        | 4 KiB  | 1      | 0         |
        | 4 KiB  | 255    | 256       |
        | 4 KiB  | 256    | 0         |
        | 4 KiB  | 0x1234 | 0x3412    |
        | 4 KiB  | 65535  | 65279     |
        | 16 KiB | 1023   | 1024      |
        | 16 KiB | 1024   | 0         |
        | 16 KiB | 65535  | 64511     |
        | 64 KiB | 4095   | 4096      |
        | 64 KiB | 4096   | 0         |
        | 64 KiB | 65535  | 61439     |

    Example: a seventeenth bit is not an id
      Given the back end is scripted
      When the host allocates domain 0x1_1234, refused with EINVAL
      Then domain 0x1234 has 0 references

  @rule:PKVM-ID-14 @kind:patch
  Rule: A handle is an unsigned 32-bit number; the largest is out of range

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "pkvm_handle_t domain_id"

    Scenario Outline: <id> is no new domain
      Given CPU 0 has 8 pages in its memcache
      When every call for domain <id> is refused with EINVAL
      Then CPU 0 has 8 pages left
      And allocating domain <cut> is accepted

      Examples: what is left of 32 bits in 16
        | id          | cut   |
        | 65536       | 0     |
        | 0x8000_0005 | 5     |
        | 0xffff_ffff | 65535 |

    Scenario Outline: <id> is not <cut>
      Given the host allocates domain <cut>
      When every call for domain <id> is refused with EINVAL
      And the host attaches endpoint 1 to domain <cut>
      Then detaching endpoint 1 from domain <id> is refused with EINVAL

      Examples:
        | id          | cut   |
        | 65536       | 0     |
        | 0x8000_0005 | 5     |
        | 0xffff_ffff | 65535 |

  @rule:PKVM-ID-15 @kind:patch
  Rule: The number of usable ids is bounded by the width of the VMID

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "limited by the ASID and VMID size on Arm"

    Example: as many domains as 8-bit VMIDs name
      Given SMMU 0 has 8-bit VMIDs
      And SMMU 0 has 256 domains
      When the host allocates domain 255
      Then allocating domain 256 is refused with EINVAL

    Scenario Outline: id <id>, which the VMID cannot hold, does not share the tag of <other>
      Given SMMU 0 has 8-bit VMIDs
      And the host allocates domain <other>
      And the host maps 4 KiB at 0x1000 in domain <other> to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain <other>
      And d1 reads 0x1000
      When the host allocates domain <id>, accepted or refused
      And the host attaches endpoint 2 to domain <id>, accepted or refused
      Then d2 reading 0x1000 faults

      Examples:
        | id    | other |
        | 256   | 0     |
        | 261   | 5     |
        | 65535 | 255   |

  @rule:PKVM-ID-16 @kind:patch
  Rule: A domain id names the same descriptor for its whole life

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "two levels allows to easily extend the domain size"

    Example: other ids of the leaf come and go
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      When the host allocates domain 6
      And the host frees domain 6
      And the host allocates domain 255
      And the host attaches endpoint 1 to domain 5
      Then d1 writing 0x1000 reaches PA 0x8000_0000
