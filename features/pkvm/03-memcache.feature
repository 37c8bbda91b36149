@area:memcache @needs:hyp
Feature: Leaf pages come from the calling CPU's memcache

  @rule:PKVM-MEM-01 @kind:patch @needs:domain-table
  Rule: A leaf is donated at the first use of an id in it, and once

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domains = kvm_iommu_donate_page();"

    Example: ids of one leaf cost one page, ids of another one more
      Given the back end is scripted
      And CPU 0 has 40 pages in its memcache
      When the host allocates domains 1 to 20
      And the host allocates domain 300
      Then CPU 0 has 38 pages left

    Example: a leaf that nothing was allocated in is not there
      Given the back end is scripted
      When the host allocates domain 300
      Then the leaf of domain 300 belongs to the hypervisor
      And SMMU 0 has no leaf for domain 5

  @rule:PKVM-MEM-02 @kind:patch @needs:domain-table
  Rule: With an empty memcache an allocation is refused, asks for a page and changes nothing

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (!domains) return NULL;"

    Example: no page
      Given the back end is scripted
      And CPU 0 has 0 pages in its memcache
      When the host allocates domain 5, refused with EINVAL
      Then CPU 0 needs a page
      And the back end has seen nothing
      And SMMU 0 has no leaf for domain 5

    Scenario Outline: <pages> pages for the leaves of three ids
      Given the back end is scripted
      And CPU 0 has <pages> pages in its memcache
      When the host allocates domain 255, <first>
      And the host allocates domain 256, <second>
      And the host allocates domain 65535, <third>
      Then CPU 0 has <left> pages left
      And CPU 0 needs <needs> page

      Examples:
        | pages | first               | second              | third               | left | needs |
        | 0     | refused with EINVAL | refused with EINVAL | refused with EINVAL | 0    | a     |
        | 1     | accepted            | refused with EINVAL | refused with EINVAL | 0    | a     |
        | 2     | accepted            | accepted            | refused with EINVAL | 0    | a     |
        | 3     | accepted            | accepted            | accepted            | 0    | no    |
        | 4     | accepted            | accepted            | accepted            | 1    | no    |

  @rule:PKVM-MEM-03 @kind:patch @needs:domain-table
  Rule: After the memcache was filled the same call is accepted

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "kvm_iommu_donate_page"

    Example: one page is enough
      Given the back end is scripted
      And CPU 0 has 0 pages in its memcache
      And the host allocates domain 5, refused with EINVAL
      And CPU 0 has 1 page in its memcache
      When the host allocates domain 5
      Then CPU 0 has 0 pages left
      And CPU 0 needs no page

  @rule:PKVM-MEM-04 @kind:patch
  Rule: A missing page and a bad id differ only in whether a page is asked for

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int ret = -EINVAL;"

    Example: a bad id
      Given SMMU 0 has 300 domains
      And CPU 0 has 0 pages in its memcache
      When the host allocates domain 300, refused with EINVAL
      Then CPU 0 needs no page

    @needs:domain-table
    Example: a missing page
      Given SMMU 0 has 300 domains
      And CPU 0 has 0 pages in its memcache
      When the host allocates domain 299, refused with EINVAL
      Then CPU 0 needs a page

    Example: a domain that is in use
      Given the host allocates domain 5
      When the host allocates domain 5, refused with EINVAL
      Then CPU 0 needs no page

  @rule:PKVM-MEM-05 @kind:patch
  Rule: A new leaf has no allocated domain, whatever the host left in the page

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain->refs)"

    Scenario Outline: a page of <page> full of ones, id <id>
      Given the hypervisor has pages of <page>
      And the back end is scripted
      And CPU 0 has 8 pages full of ones in its memcache
      When the host allocates domain <id>
      Then attaching endpoint 1 to domain <other> is refused with EINVAL
      And allocating domain <other> is accepted

      Examples:
        | page   | id   | other |
        | 4 KiB  | 0    | 1     |
        | 4 KiB  | 255  | 254   |
        | 16 KiB | 1023 | 1022  |
        | 64 KiB | 4095 | 4094  |

  @rule:PKVM-MEM-06 @kind:patch @needs:domain-table
  Rule: Pages of one CPU do not serve a call on another

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "kvm_hyp_iommu_memcaches"

    Scenario Outline: CPU <caller> calls and has none
      Given CPU <other> has 8 pages in its memcache
      And CPU <caller> has 0 pages in its memcache
      And the host calls from CPU <caller>
      When the host allocates domain 5, refused with EINVAL
      Then CPU <caller> needs a page
      And CPU <other> needs no page
      And CPU <other> has 8 pages left

      Examples:
        | caller | other |
        | 0      | 1     |
        | 1      | 0     |

    Example: both have some
      Given CPU 0 has 8 pages in its memcache
      And CPU 1 has 8 pages in its memcache
      And the host calls from CPU 1
      When the host allocates domain 5
      Then CPU 1 has 7 pages left
      And CPU 0 has 8 pages left

  @rule:PKVM-MEM-07 @kind:patch @needs:domain-table
  Rule: A donated leaf is out of the host's reach

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "kvm_iommu_donate_page"

    Example: the host reads it and writes it
      Given the host allocates domain 5
      Then the leaf of domain 5 belongs to the hypervisor
      And the host reading the leaf of domain 5 is aborted
      And the host writing the leaf of domain 5 is aborted

  @rule:PKVM-MEM-08 @kind:patch @needs:domain-table
  Rule: A page that the host does not own alone is not taken, and stays as it is

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "void *kvm_iommu_donate_page(void)"

    Scenario Outline: a <unfit> page in the memcache
      Given the back end is scripted
      And CPU 0 has a <unfit> page in its memcache
      When the host allocates domain 5, refused with EINVAL
      Then the page in the memcache is still <whose>
      And the back end has seen nothing
      And SMMU 0 has no leaf for domain 5

      Examples:
        | unfit        | whose            |
        | shared       | shared           |
        | guest's      | the guest's      |
        | hypervisor's | the hypervisor's |
        | misaligned   | the host's       |

    Scenario Outline: a <unfit> page that comes while the call is at work
      Given the back end is scripted
      And CPU 0 has 8 pages in its memcache
      Then allocating domain 5 is safe, whenever the memcache has a <unfit> page instead

      Examples:
        | unfit        |
        | shared       |
        | guest's      |
        | hypervisor's |
        | misaligned   |

  @rule:PKVM-MEM-09 @kind:hardened
  Rule: A call for a domain that cannot exist yet takes no page

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "handle_to_domain(iommu_id, domain_id, &iommu)"

    Scenario Outline: <call>, <pages> pages
      Given the back end is scripted
      And CPU 0 has <pages> pages in its memcache
      When <call> is refused with EINVAL
      Then CPU 0 has <pages> pages left
      And CPU 0 needs no page

      Examples:
        | call                                 | pages |
        | freeing domain 300                   | 8     |
        | attaching endpoint 1 to domain 300   | 8     |
        | detaching endpoint 1 from domain 300 | 8     |
        | freeing domain 300                   | 0     |
        | attaching endpoint 1 to domain 300   | 0     |
        | detaching endpoint 1 from domain 300 | 0     |

  @rule:PKVM-MEM-10 @kind:patch @needs:domain-table
  Rule: A leaf is kept when its last domain is freed

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "memset(domain, 0, sizeof(*domain));"

    Example: the next domain in it costs nothing
      Given the back end is scripted
      And CPU 0 has 8 pages in its memcache
      And the host allocates domains 0 to 3
      When the host frees domains 0 to 3
      Then the leaf of domain 2 belongs to the hypervisor
      And allocating domain 2 is accepted
      And CPU 0 has 7 pages left

  @rule:PKVM-MEM-11 @kind:patch @needs:domain-table
  Rule: The root table is mapped at EL2 for exactly its pointers, and out of the host's reach

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "KVM_IOMMU_DOMAINS_ROOT_ENTRIES, PAGE_HYP);"

    Scenario Outline: pages of <page>
      Given the hypervisor has pages of <page>
      When the host allocates domain 65535
      Then the hypervisor has mapped <bytes> bytes of the root table of SMMU 0
      And the host reading the root table of SMMU 0 is aborted
      And the host writing the root table of SMMU 0 is aborted

      Examples:
        | page   | bytes |
        | 4 KiB  | 2048  |
        | 16 KiB | 512   |
        | 64 KiB | 128   |

  @rule:PKVM-MEM-11a @kind:hardened
  Rule: Data of the host that shares a page with the root table stays in the host's reach

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "KVM_IOMMU_DOMAINS_ROOT_ENTRIES, PAGE_HYP);"

    Scenario Outline: the root at <offset> of a page of <page>
      Given the hypervisor is not initialised
      And the hypervisor has pages of <page>
      And SMMU 0 has its root table at <offset> of a page with other data
      When the hypervisor initialises
      And the hypervisor initialises SMMU 0, accepted or refused
      And the host allocates domain 5, accepted or refused
      Then what lies beside the root table of SMMU 0 is the host's as before

      Examples:
        | page   | offset |
        | 4 KiB  | 0x400  |
        | 16 KiB | 0x3e00 |
        | 64 KiB | 0x80   |

  @rule:PKVM-MEM-12 @kind:patch
  Rule: The memcaches are the hypervisor's, shared with the host

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "The memcache is shared with the host"

    Example: the host uses them and cannot give them away
      Given the host allocates domain 5
      Then the memcaches are shared by the hypervisor with the host
      And the host reading the memcache of CPU 1 is accepted
      And the host writing the memcache of CPU 1 is accepted
      And the host donating the memcaches is refused with EPERM
      And the host sharing the memcaches is refused with EPERM

    @needs:domain-table
    Example: what the host puts there is taken
      Given the back end is scripted
      And the host allocates domain 5
      And CPU 0 has 2 pages in its memcache
      When the host allocates domain 300
      Then CPU 0 has 1 page left
