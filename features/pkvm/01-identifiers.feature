@area:identifiers @needs:hyp
Feature: Domain identifiers and where their descriptors lie

  @rule:PKVM-ID-01 @kind:patch
  Rule: At most 65536 domain ids exist for an IOMMU

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "#define KVM_IOMMU_MAX_DOMAINS (1 << 16)"

    Example: the last id is usable and the one after it is not
      Given SMMU 0 has 65536 domains
      When the host allocates domain 65535
      Then allocating domain 65536 is refused with EINVAL

    Example: whatever the back end would take
      Given the back end is scripted
      And SMMU 0 has 65536 domains
      Then allocating domain 65536 is refused with EINVAL

  @rule:PKVM-ID-02 @kind:patch
  Rule: The number of domains is exclusive: an id equal to it is invalid

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "max number of domains (exclusive)"

    Scenario Outline: <count> domains, pages of <page>
      Given the hypervisor has pages of <page>
      And the back end is scripted
      And SMMU 0 has <count> domains
      When the host allocates domain <last>
      Then allocating domain <count> is refused with EINVAL
      And allocating domain <beyond> is refused with EINVAL

      Examples:
        | page   | count | last  | beyond |
        | 4 KiB  | 1     | 0     | 2      |
        | 4 KiB  | 255   | 254   | 256    |
        | 4 KiB  | 256   | 255   | 257    |
        | 4 KiB  | 257   | 256   | 258    |
        | 4 KiB  | 300   | 299   | 301    |
        | 4 KiB  | 65535 | 65534 | 65536  |
        | 4 KiB  | 65536 | 65535 | 65537  |
        | 16 KiB | 1023  | 1022  | 1024   |
        | 16 KiB | 1024  | 1023  | 1025   |
        | 16 KiB | 1025  | 1024  | 1026   |
        | 64 KiB | 4095  | 4094  | 4096   |
        | 64 KiB | 4096  | 4095  | 4097   |
        | 64 KiB | 4097  | 4096  | 4098   |

  @rule:PKVM-ID-03 @kind:patch
  Rule: Without domains every id is refused

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain_id >= iommu->nr_domains)"

    Scenario Outline: id <id> of an IOMMU that has none
      Given SMMU 0 has 0 domains
      And CPU 0 has 8 pages in its memcache
      Then every call for domain <id> is refused with EINVAL
      And CPU 0 has 8 pages left

      Examples:
        | id          |
        | 0           |
        | 1           |
        | 255         |
        | 65535       |
        | 0xffff_ffff |

  @rule:PKVM-ID-04 @kind:patch
  Rule: The same id on two IOMMUs names two domains

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Each IOMMU device holds an array of domains"

    Example: it is allocated on both
      Given there are 2 SMMUs
      And the host allocates domain 5
      Then allocating domain 5 on SMMU 1 is accepted

    Example: freeing it on one leaves the other attachable
      Given there are 2 SMMUs
      And d2 is endpoint 2 behind SMMU 1
      And the host allocates domain 5
      And the host allocates domain 5 on SMMU 1
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write on SMMU 1
      And the host frees domain 5
      When the host attaches endpoint 2 to domain 5 on SMMU 1
      Then d2 reading 0x1000 reaches PA 0x8000_0000

    Example: their references are counted apart
      Given there are 2 SMMUs
      And the back end is scripted
      And the host allocates domain 5
      And the host allocates domain 5 on SMMU 1
      When the host attaches endpoint 1 to domain 5 on SMMU 1
      Then freeing domain 5 on SMMU 1 is refused with EINVAL
      And freeing domain 5 is accepted

    Example: the back end is told which of the two is meant
      Given there are 2 SMMUs
      And the back end is scripted
      And the host allocates domain 5
      When the host allocates domain 5 on SMMU 1
      And the host frees domain 5 on SMMU 1
      Then the back end has seen "allocIopt 0:5, allocIopt 1:5, freeIopt 1:5"

  @rule:PKVM-ID-05 @kind:patch
  Rule: An unknown IOMMU is refused before any table is looked at

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "iommu = kvm_iommu_ops.get_iommu_by_id(iommu_id);"

    Scenario Outline: IOMMU <id>, <pages> pages
      Given CPU 0 has <pages> pages in its memcache
      Then every call for domain 0 on SMMU <id> is refused with EINVAL
      And CPU 0 has <pages> pages left
      And CPU 0 needs no page

      Examples:
        | id          | pages |
        | 1           | 8     |
        | 7           | 8     |
        | 0x1_0000    | 8     |
        | 0xffff_ffff | 8     |
        | 1           | 0     |
        | 0xffff_ffff | 0     |

  @rule:PKVM-ID-06 @kind:patch
  Rule: An id out of range costs no page

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain_id >= iommu->nr_domains)"

    Example: full memcache, first id beyond the range
      Given SMMU 0 has 300 domains
      And CPU 0 has 8 pages in its memcache
      Then every call for domain 300 is refused with EINVAL
      And CPU 0 has 8 pages left

  @rule:PKVM-ID-07 @kind:patch
  Rule: The speculation clamp changes no id in range and rescues none out of range

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "array_index_nospec(domain_id, iommu->nr_domains)"

    @needs:domain-table
    Scenario Outline: each id from <first> on has a descriptor of its own, pages of <page>
      Given the hypervisor has pages of <page>
      And the back end is scripted
      And SMMU 0 has <count> domains
      When the host allocates domains <first> to <last>
      Then domains <first> to <last> have 1 reference each

      Examples:
        | page   | count | first | last |
        | 4 KiB  | 300   | 0     | 299  |
        | 16 KiB | 1034  | 1014  | 1033 |
        | 64 KiB | 4106  | 4086  | 4105 |

    Example: an id out of range is not id 0 when it is allocated
      Given SMMU 0 has 300 domains
      When the host allocates domain 300, refused with EINVAL
      Then allocating domain 0 is accepted

    Example: nor when it is used
      Given SMMU 0 has 300 domains
      And the host allocates domain 0
      When every call for domain 300 is refused with EINVAL
      And the host attaches endpoint 1 to domain 0
      Then detaching endpoint 1 from domain 300 is refused with EINVAL

  @rule:PKVM-ID-08 @kind:patch @needs:domain-table
  Rule: With 4 KiB pages a leaf has 256 descriptors and the root 256 pointers

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "the leaf table contains 256 domains"

    Example: the leaves of ids 0, 255, 256 and 65535
      Given the back end is scripted
      And CPU 0 has 8 pages in its memcache
      When the host allocates domain 255
      And the host allocates domain 0
      And the host allocates domain 256
      And the host allocates domain 65535
      Then CPU 0 has 5 pages left
      And domain 255 has 1 reference
      And domain 256 has 1 reference
      And the hypervisor has mapped 2048 bytes of the root table of SMMU 0

  @rule:PKVM-ID-09 @kind:patch @needs:domain-table
  Rule: With 16 KiB pages a leaf has 1024 descriptors and the root 64 pointers

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "(PAGE_SIZE / sizeof(struct kvm_hyp_iommu_domain))"

    Example: the leaves of ids 0, 1023, 1024 and 65535
      Given the hypervisor has pages of 16 KiB
      And the back end is scripted
      And CPU 0 has 8 pages in its memcache
      When the host allocates domain 1023
      And the host allocates domain 0
      And the host allocates domain 1024
      And the host allocates domain 65535
      Then CPU 0 has 5 pages left
      And domain 1023 has 1 reference
      And the hypervisor has mapped 512 bytes of the root table of SMMU 0

  @rule:PKVM-ID-10 @kind:patch @needs:domain-table
  Rule: With 64 KiB pages a leaf has 4096 descriptors and the root 16 pointers

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "With 64kB pages, the leaf table contains 4096"

    Example: the leaves of ids 0, 4095, 4096 and 65535
      Given the hypervisor has pages of 64 KiB
      And the back end is scripted
      And CPU 0 has 8 pages in its memcache
      When the host allocates domain 4095
      And the host allocates domain 0
      And the host allocates domain 4096
      And the host allocates domain 65535
      Then CPU 0 has 5 pages left
      And domain 4095 has 1 reference
      And the hypervisor has mapped 128 bytes of the root table of SMMU 0

  @rule:PKVM-ID-11 @rule:PKVM-ID-12 @kind:hardened
  Rule: No id that is accepted leads past the end of the root table

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "#define KVM_IOMMU_DOMAINS_ROOT_ENTRIES"

    Scenario Outline: <count> domains, whatever the back end would take
      Given the back end is scripted
      And SMMU 0 has <count> domains
      When the host allocates domain 65535
      Then every call for domain <id> is refused with EINVAL

      Examples:
        | count         | id     |
        | 65537         | 65536  |
        | 70000         | 65536  |
        | 70000         | 69999  |
        | 0x1_0000_0000 | 65536  |
        | 0x1_0000_0000 | 131071 |

    @needs:domain-table
    Scenario Outline: <count> domains, id <id>, pages of <page>
      Given the hypervisor has pages of <page>
      And SMMU 0 has <count> domains
      When the host allocates domain <id>, <answer>
      Then nothing was written beyond the root table of SMMU 0

      Examples:
        | page   | count | id    | answer              |
        | 4 KiB  | 65536 | 65535 | accepted            |
        | 4 KiB  | 70000 | 69999 | refused with EINVAL |
        | 16 KiB | 65537 | 65536 | refused with EINVAL |
        | 64 KiB | 65536 | 65535 | accepted            |
