@area:identifiers @needs:hyp
Feature: What an identifier may be, and what it stays

  @rule:PKVM-ID-13 @kind:patch @needs:domain-table
  Rule: The root is indexed by the id bits above the split, the leaf by the bits below

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Bits [16:split] index the root table"

    Scenario Outline: id <id> is where the layout says
      Given the host allocates domain <id>
      Then domain <id> has 1 reference
      And domain <neighbour> has 0 references

      Examples:
        | id     | neighbour |
        | 0x00ff | 0x0100    |
        | 0x0100 | 0x0000    |
        | 0x1234 | 0x3412    |
        | 0xffff | 0xfeff    |

    Example: a seventeenth bit is not an id
      Given the back end is scripted
      And the host allocates domain 0x1234
      Then allocating domain 0x1_1234 is refused with EINVAL
      And domain 0x1234 has 1 reference

  @rule:PKVM-ID-14 @kind:patch @needs:domain-table
  Rule: A handle is an unsigned 32-bit number; the largest is out of range

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "pkvm_handle_t domain_id"

    Scenario Outline: <id>
      Given CPU 0 has 8 pages in its memcache
      Then every call for domain <id> is refused with EINVAL
      And CPU 0 has 8 pages left
      And domain 0 has 0 references

      Examples:
        | id          |
        | 0xffff_ffff |
        | 0x8000_0000 |
        | 65536       |

  @rule:PKVM-ID-15 @kind:patch
  Rule: The number of usable ids is bounded by the width of the VMID

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "limited by the ASID and VMID size on Arm"

    Example: as many domains as 8-bit VMIDs name
      Given SMMU 0 has 8-bit VMIDs
      And SMMU 0 has 256 domains
      When the host allocates domain 255
      Then allocating domain 256 is refused with EINVAL

    Example: an id that the VMID cannot hold never shares another domain's tag
      Given SMMU 0 has 8-bit VMIDs
      And the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      Then allocating domain 261 is refused with EINVAL

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
